package bolt

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"
)

// lockTime is how long Open waits for another process to close the file.
const lockTime = 500 * time.Millisecond

var (
	keyFormat = []byte("format")
	format    = []byte("1")
)

// Open opens the file, and makes it, with mode 0600, if it does not exist. It
// reads all of it once: one that is not a file of this package, or damaged, is
// refused and left as it is. So is one that another process has open.
func Open(path string) (*Store, error) {
	s, err := open(path)
	if err != nil {
		if pathErr := new(fs.PathError); errors.As(err, &pathErr) {
			err = pathErr.Err
		}
		return nil, fmt.Errorf("bolt: %s: %w", path, err)
	}
	return s, nil
}

func open(path string) (*Store, error) {
	var seen instant
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("not a regular file")
	case info.Size() > 0:
		if seen, err = look(path); err != nil {
			return nil, err
		}
	}
	db, err := openFile(path, &bbolt.Options{FreelistType: bbolt.FreelistMapType, InitialMmapSize: mapSize, NoStatistics: true})
	if err != nil {
		return nil, err
	}
	s := &Store{db: db, path: path, clock: newClock(seen), closed: make(chan struct{})}
	s.writer.idle.L = &s.writer.mu
	err = s.write(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{bucketFile, bucketSessions, bucketEnds} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return tx.Bucket(bucketFile).Put(keyFormat, format)
	})
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// syncDir makes the name of a file that is new as durable as what is in it.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// look reads the file without changing it, and returns the latest time that it
// has seen.
func look(path string) (seen instant, err error) {
	var file *os.File
	db, err := openFile(path, &bbolt.Options{ReadOnly: true, OpenFile: func(path string, flag int, mode os.FileMode) (_ *os.File, err error) {
		file, err = os.OpenFile(path, flag, mode)
		return file, err
	}})
	if err != nil {
		return 0, err
	}
	err = guard(func() error {
		return db.View(func(tx *bbolt.Tx) error {
			info, err := file.Stat()
			if err != nil {
				return err
			}
			meta := tx.ID() % 2 // where bbolt has the latest
			seen, err = check(file, info.Size(), int64(db.Info().PageSize), int64(meta))
			return err
		})
	})
	if err != nil {
		err = foreign(err)
	}
	return seen, errors.Join(err, db.Close())
}

// mapSize is how much of the address space the file gets: while it is smaller
// than that, its growth stops no reader.
const mapSize = 1 << 30

// openFile opens the file and locks it.
func openFile(path string, options *bbolt.Options) (*bbolt.DB, error) {
	options.Timeout = lockTime
	db, err := bbolt.Open(path, 0o600, options)
	switch pathErr := new(fs.PathError); {
	case err == nil, errors.As(err, &pathErr):
		return db, err
	case errors.Is(err, bbolterrors.ErrTimeout):
		return nil, errors.New("another process has the file open")
	}
	return nil, foreign(err)
}

// foreign says what to do about a file that is not what it should be.
func foreign(err error) error {
	return fmt.Errorf("not a file of sessions, or a damaged one: choose another, or move it away (%w)", err)
}
