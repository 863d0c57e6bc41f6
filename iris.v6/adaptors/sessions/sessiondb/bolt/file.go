package bolt

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
	"gopkg.in/kataras/iris.v6/internal/memstore"
)

// The buckets of the file, and the keys in the first one.
var (
	bucketFile     = []byte("iris sessions") // about the file itself
	bucketSessions = []byte("sessions")      // the records, by key
	// bucketEnds has the key of each session after a time that is not after its end.
	// Only earlier versions of this package read it, so that they can follow this one.
	bucketEnds = []byte("ends")

	keyFormat = []byte("format")
	keyTime   = []byte("time")
	format    = []byte("1")
)

// begin adds what a new file lacks.
func begin(tx *bbolt.Tx) error {
	for _, name := range [][]byte{bucketFile, bucketSessions, bucketEnds} {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	return tx.Bucket(bucketFile).Put(keyFormat, format)
}

// destroyAll deletes all sessions.
func destroyAll(tx *bbolt.Tx) error {
	return errors.Join(tx.DeleteBucket(bucketSessions), tx.DeleteBucket(bucketEnds), begin(tx))
}

// change is what has become of a session. ok is false if it has ended.
type change struct {
	key     store.Key
	session memstore.Session
	ok      bool
}

func (c *change) write(tx *bbolt.Tx, now time.Duration) error {
	sessions, ends := tx.Bucket(bucketSessions), tx.Bucket(bucketEnds)
	r := record{c.session.Created, c.session.Used, now, c.session.Items}
	before := sessions.Get(c.key[:])
	if before != nil {
		old, err := parseRecord(c.key, before)
		if err != nil {
			return err
		}
		r.end = old.end
	}
	end := append(appendTime(nil, r.end), c.key[:]...)
	if !c.ok {
		return errors.Join(ends.Delete(end), sessions.Delete(c.key[:]))
	}
	data, err := r.append(nil, c.key)
	if err == nil {
		err = sessions.Put(c.key[:], data)
	}
	if err == nil && before == nil {
		err = ends.Put(end, nil)
	}
	return err
}

// read calls visit with each session of the file, and returns the latest time in it,
// 0 if it is new.
func read(tx *bbolt.Tx, visit func(store.Key, record)) (time.Duration, error) {
	buckets := 0
	err := tx.ForEach(func([]byte, *bbolt.Bucket) error {
		buckets++
		return nil
	})
	if err != nil || buckets == 0 {
		return 0, err
	}
	file, sessions := tx.Bucket(bucketFile), tx.Bucket(bucketSessions)
	if buckets != 3 || file == nil || sessions == nil || tx.Bucket(bucketEnds) == nil {
		return 0, errors.New("a part of it is missing, or it has other contents")
	}
	if f := file.Get(keyFormat); !bytes.Equal(f, format) {
		return 0, fmt.Errorf("its format is %q", f)
	}
	err = sessions.ForEach(func(name, data []byte) error {
		if len(name) != len(store.Key{}) {
			return errRecord
		}
		r, err := parseRecord(store.Key(name), data)
		if err == nil {
			visit(store.Key(name), r)
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	return parseTime(file.Get(keyTime))
}

// putTime stores the time, so that the next process does not go behind it.
func putTime(tx *bbolt.Tx, now time.Duration) error {
	return tx.Bucket(bucketFile).Put(keyTime, appendChecksum(appendTime(nil, now), store.Key{}))
}

func parseTime(data []byte) (time.Duration, error) {
	if len(data) != 8+sumSize || !bytes.Equal(data, appendChecksum(data[:8:8], store.Key{})) {
		return 0, errors.New("its time is missing or damaged")
	}
	return readTime(data), nil
}
