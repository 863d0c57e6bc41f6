package bolt

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"go.etcd.io/bbolt"
	bbolterrors "go.etcd.io/bbolt/errors"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
	"gopkg.in/kataras/iris.v6/internal/memstore"
)

// lockTime is how long Open waits for another process to close the file.
const lockTime = 500 * time.Millisecond

// Open opens the file, and creates it, with mode 0600, if it does not exist. It
// reads the whole file. It refuses a file that is not one of this package,
// that is damaged, or that another process has open, and leaves it unchanged. It
// also refuses a symbolic link, and a file that others than its owner may write.
// On Windows it does not look at that: the mode of a file has no meaning there.
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
	switch info, err := os.Lstat(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, err
	case info.Mode()&fs.ModeSymlink != 0:
		return nil, errors.New("a symbolic link: give the path of the file that it leads to")
	case !info.Mode().IsRegular():
		return nil, errors.New("not a regular file")
	case runtime.GOOS != "windows" && info.Mode()&0o022 != 0:
		return nil, fmt.Errorf("others than its owner may write it (%v): chmod go-w it if you trust its contents, or move it away", info.Mode())
	case info.Size() > 0:
		if err := verify(path); err != nil {
			return nil, err
		}
	}
	db, err := openFile(path, &bbolt.Options{FreelistType: bbolt.FreelistMapType, NoStatistics: true})
	if err != nil {
		return nil, err
	}
	s := &Store{db: db, path: path}
	s.writer = writer{commit: s.commit, next: newBatch()}
	s.index = memstore.NewIndex(func() time.Duration { return s.clock.now() }, &s.writer)
	if err = s.recoverFault(s.begin); err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// begin checks the contents of the file, sets the clock, and writes what a new file
// lacks.
func (s *Store) begin() error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		seen, err := read(tx, func(store.Key, record) {})
		if err != nil {
			return foreign(err)
		}
		s.clock = newClock(seen)
		return errors.Join(begin(tx), putTime(tx, s.clock.now()))
	})
}

// syncDir makes the name of a new file as durable as its contents. Windows cannot
// sync a directory, and does not need to.
func syncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// verify checks the pages of the file without changing it.
func verify(path string) error {
	var file *os.File
	db, err := openFile(path, &bbolt.Options{ReadOnly: true, OpenFile: func(path string, flag int, mode os.FileMode) (_ *os.File, err error) {
		file, err = os.OpenFile(path, flag, mode)
		return file, err
	}})
	if err != nil {
		return err
	}
	err = db.View(func(tx *bbolt.Tx) error {
		info, err := file.Stat()
		if err != nil {
			return err
		}
		meta := tx.ID() % 2 // the meta page that bbolt uses
		return check(file, info.Size(), int64(db.Info().PageSize), int64(meta))
	})
	if err != nil {
		err = foreign(err)
	}
	return errors.Join(err, db.Close())
}

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

// foreign says what to do about a file that is not one of this package.
func foreign(err error) error {
	return fmt.Errorf("not a file of sessions, or a damaged one: choose another, or move it away (%w)", err)
}
