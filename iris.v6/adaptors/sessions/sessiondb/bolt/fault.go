package bolt

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime/debug"
	"strings"
	"syscall"

	bbolterrors "go.etcd.io/bbolt/errors"
)

// recoverFault runs f, which uses the file. If f panics, at a part of the file that
// is damaged or that the disk cannot read, it returns an error, and so does every
// later call: bbolt may still hold its locks.
func (s *Store) recoverFault(f func() error) (err error) {
	if stopped := s.stopped.Load(); stopped != nil {
		return *stopped
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = s.setBroken(fmt.Errorf("%v", r))
		}
	}()
	return f()
}

// setBroken makes every later call return the error that it returns.
func (s *Store) setBroken(cause error) error {
	err := fmt.Errorf("the file is broken: %w", cause)
	s.stopped.Store(&err)
	return err
}

// checkCommit looks at the error of a transaction. After a write or a sync that has
// failed, nobody knows what is on the disk, and the next sync may succeed all the
// same. So the file is broken.
func (s *Store) checkCommit(err error) error {
	if err == nil || errors.Is(err, bbolterrors.ErrDatabaseNotOpen) || isFull(err) {
		return err
	}
	return s.setBroken(err)
}

// isFull tells whether there was no space for the transaction. It was not synced in
// part then, and the next one may succeed. A sync that finds no space is another
// matter: bbolt returns it without the name of the file, or calls it a sync error.
func isFull(err error) bool {
	pathErr, _ := err.(*fs.PathError)
	write := pathErr != nil && pathErr.Op == "write"
	resize := strings.HasPrefix(err.Error(), "file resize error: ") // of bbolt, which does not wrap the cause
	for _, errno := range []syscall.Errno{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG} {
		if (write || resize) && strings.HasSuffix(err.Error(), errno.Error()) {
			return true
		}
	}
	return false
}
