package bolt_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/bolt"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// fill makes a file with n sessions, closes it and returns what it has.
func fill(t testing.TB, path string, n int) []byte {
	t.Helper()
	s, err := bolt.Open(path)
	must(t, err)
	must(t, s.SetLimits(limits))
	for i := range n {
		must(t, s.Create(key(i), authenticated))
	}
	must(t, s.Close())
	data, err := os.ReadFile(path)
	must(t, err)
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true})
	must(t, err)
	must(t, db.View(func(tx *bbolt.Tx) error {
		data = data[:tx.Size()] // what follows is room to grow
		return nil
	}))
	must(t, db.Close())
	return data
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func key(n int) (k store.Key) {
	k[0], k[1], k[2] = byte(n*37), byte(n>>8), byte(n)
	return k
}

func TestSessionsOutliveProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.db")
	fill(t, path, 100)
	s := open(t, path, limits)
	for i := range 100 {
		if _, ok, err := s.Read(key(i)); !ok || err != nil {
			t.Fatalf("session %d: %v, %v", i, ok, err)
		}
	}
}

func TestOpenRefusesForeignFiles(t *testing.T) {
	dir := t.TempDir()
	ours := fill(t, filepath.Join(dir, "ours.db"), 500)
	another := filepath.Join(dir, "another.db")
	edit(t, another, func(tx *bbolt.Tx) error {
		accounts, err := tx.CreateBucket([]byte("accounts"))
		return errors.Join(err, accounts.Put([]byte("alice"), nil))
	})
	foreign, err := os.ReadFile(another)
	must(t, err)

	page := os.Getpagesize()
	for _, row := range []struct {
		name string
		data []byte
	}{
		{"a text", []byte("my diary\n")},
		{"a long text", bytes.Repeat([]byte("my diary\n"), 10_000)},
		{"zeros", make([]byte, 1<<16)},
		{"another program's database", foreign},
		{"ours, cut off after one page", ours[:page]},
		{"ours, without its last page", ours[:len(ours)-page]},
		{"ours, cut off within a page", ours[:5*page/2]},
		{"ours, without its first half", ours[len(ours)/2:]},
	} {
		t.Run(row.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "sessions.db")
			must(t, os.WriteFile(path, row.data, 0o600))
			refusedUnchanged(t, path, "not a file of sessions, or a damaged one")
		})
	}
}

// TestOpenRefusesDamagedFiles has one fault in each file.
func TestOpenRefusesDamagedFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.db")
	whole := fill(t, path, 500)
	var roots [2]int // the pages that the sessions and the expiry index begin with
	edit(t, path, func(tx *bbolt.Tx) error {
		roots = [2]int{int(tx.Bucket([]byte("sessions")).Root()), int(tx.Bucket([]byte("ends")).Root())}
		return nil
	})
	sessionsAt := func(page int) []byte { return binary.LittleEndian.AppendUint64([]byte("sessions"), uint64(page)) }
	put := func(bucket, key string, value []byte) func(*bbolt.Tx) error {
		return func(tx *bbolt.Tx) error { return tx.Bucket([]byte(bucket)).Put([]byte(key), value) }
	}
	remove := func(bucket, key string) func(*bbolt.Tx) error {
		return func(tx *bbolt.Tx) error { return tx.Bucket([]byte(bucket)).Delete([]byte(key)) }
	}
	createBucket := func(bucket, key string) func(*bbolt.Tx) error {
		return func(tx *bbolt.Tx) error {
			_, err := tx.Bucket([]byte(bucket)).CreateBucket([]byte(key))
			return err
		}
	}
	flip := func(bucket, key string) func(*bbolt.Tx) error { // a bit of the value
		return func(tx *bbolt.Tx) error {
			value := bytes.Clone(tx.Bucket([]byte(bucket)).Get([]byte(key)))
			value[0] ^= 1
			return put(bucket, key, value)(tx)
		}
	}
	free := func(id int) func([]byte) []byte {
		return func(data []byte) []byte {
			for page := range slices.Chunk(data, os.Getpagesize()) {
				if page[8] == 0x10 { // a list of free pages
					binary.LittleEndian.PutUint64(page[16:], uint64(id))
				}
			}
			return data
		}
	}
	shorten := func(size uint32) func([]byte) []byte { // the bucket about the file
		return func(data []byte) []byte {
			for element := range slices.Chunk(data, 16) {
				if element[0] == 1 && binary.LittleEndian.Uint32(element[8:]) == uint32(len("iris sessions")) {
					binary.LittleEndian.PutUint32(element[12:], size)
				}
			}
			return data
		}
	}
	session := key(7)
	for _, row := range []struct {
		name   string
		damage func(*bbolt.Tx) error
		bytes  func([]byte) []byte
		says   string
	}{
		{"a later format", put("iris sessions", "format", []byte("2")), nil, `its format is "2"`},
		{"a missing bucket", func(tx *bbolt.Tx) error { return tx.DeleteBucket([]byte("ends")) }, nil, "a part of it is missing"},
		{"no time", remove("iris sessions", "time"), nil, "its time is missing or damaged"},
		{"a damaged time", flip("iris sessions", "time"), nil, "its time is missing or damaged"},
		{"a damaged session", flip("sessions", string(session[:])), nil, "a session in it is damaged"},
		{"a session with a short key", put("sessions", "a", nil), nil, "a session in it is damaged"},
		{"a bucket in a bucket", createBucket("sessions", strings.Repeat("a", 32)), nil, "a page of it is damaged"},
		{"a small bucket in a small bucket", createBucket("iris sessions", "a"), nil, "a page of it is damaged"},
		{"a damaged root page", nil, func(data []byte) []byte {
			data[roots[0]*os.Getpagesize()] ^= 1
			return data
		}, "a page of it is damaged"},
		{"a key beyond the end of its page", nil, func(data []byte) []byte {
			binary.LittleEndian.PutUint32(data[roots[0]*os.Getpagesize()+16:], 1<<20)
			return data
		}, "a page of it is damaged"},
		{"a bucket that is shorter than its entries", nil, shorten(32), "a page of it is damaged"},
		{"a bucket that is shorter than its header", nil, shorten(8), "it has other contents"},
		{"a page used twice", nil, func(data []byte) []byte {
			return bytes.ReplaceAll(data, sessionsAt(roots[0]), sessionsAt(roots[1]))
		}, "a page of it is damaged"},
		{"a free page in use", nil, free(roots[0]), "a page of it is damaged"},
		{"a free page that is the mark of a transaction", nil, free(1), "a page of it is damaged"},
		{"a free page beyond the end", nil, free(1 << 20), "a page of it is damaged"},
		{"a bucket too many", func(tx *bbolt.Tx) error {
			_, err := tx.CreateBucket([]byte("accounts"))
			return err
		}, nil, "it has other contents"},
		{"another bucket", func(tx *bbolt.Tx) error {
			_, err := tx.CreateBucket([]byte("accounts"))
			return errors.Join(err, tx.DeleteBucket([]byte("ends")))
		}, nil, "it has other contents"},
		{"a damaged list of free pages", nil, func(data []byte) []byte {
			for page := range slices.Chunk(data, os.Getpagesize()) {
				if page[8] == 0x10 {
					page[0] ^= 1
				}
			}
			return data
		}, "a page of it is damaged"},
		{"a page beyond the end", nil, func(data []byte) []byte {
			return bytes.ReplaceAll(data, sessionsAt(roots[0]), sessionsAt(1<<20))
		}, "a page of it is damaged"},
	} {
		t.Run(row.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "sessions.db")
			data := bytes.Clone(whole)
			if row.bytes != nil {
				data = row.bytes(data)
			}
			must(t, os.WriteFile(path, data, 0o600))
			if row.damage != nil {
				edit(t, path, row.damage)
			}
			refusedUnchanged(t, path, row.says)
		})
	}
}

// edit changes a file by means of bbolt.
func edit(t *testing.T, path string, change func(tx *bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	must(t, err)
	must(t, db.Update(change))
	must(t, db.Close())
}

// refused checks that Open fails within a second, with one line that names the
// file and says that.
func refused(t *testing.T, path, says string) {
	t.Helper()
	began := time.Now()
	s, err := bolt.Open(path)
	if err == nil {
		must(t, s.Close())
		t.Fatal("the file was opened")
	}
	if text := err.Error(); strings.Count(text, path) != 1 || !strings.Contains(text, says) || strings.Contains(text, "\n") {
		t.Errorf("error %q", text)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %v", took)
	}
}

// refusedUnchanged is refused for a file that Open must leave unchanged.
func refusedUnchanged(t *testing.T, path, says string) {
	t.Helper()
	before, err := os.ReadFile(path)
	must(t, err)
	refused(t, path, says)
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the file has changed (%v)", err)
	}
}

func TestOpenNamesTheFault(t *testing.T) {
	dir := t.TempDir()
	refused(t, dir, "not a regular file")
	refused(t, filepath.Join(dir, "none", "sessions.db"), "no such file or directory")
	file := filepath.Join(dir, "file")
	must(t, os.WriteFile(file, nil, 0o600))
	refused(t, filepath.Join(file, "sessions.db"), "not a directory")
}

func TestOpenRefusesFileInUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.db")
	s := open(t, path, limits)
	must(t, s.Create(key(1), authenticated))
	refused(t, path, "another process has the file open")
	if _, ok, err := s.Read(key(1)); !ok || err != nil {
		t.Errorf("afterwards the first reads %v, %v", ok, err)
	}
}

// TestDamagedFileIsRefusedOrWhole damages a file in many places. It is either refused
// and left as it is, or it has every session that it had, but for the last: where
// the mark of the last transaction is damaged, it looks like one that a crash cut
// off before it was acknowledged.
func TestDamagedFileIsRefusedOrWhole(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "sessions.db")
	whole := fill(t, path, 300)
	r := rand.New(rand.NewPCG(1, 2))
	opened, rounds, page := 0, 200, os.Getpagesize()
	for range rounds {
		data := bytes.Clone(whole)
		for range 1 + r.IntN(3) {
			i := r.IntN(len(data))
			if r.IntN(2) == 0 {
				i = i/page*page + r.IntN(64) // the header of a page
			}
			data[i] ^= byte(1 << r.IntN(8))
		}
		must(t, os.WriteFile(path, data, 0o600))
		s, err := bolt.Open(path)
		if err != nil {
			if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, data) {
				t.Fatalf("the file was refused and has changed (%v)", err)
			}
			continue
		}
		opened++
		must(t, s.SetLimits(limits))
		for i := range 299 {
			got, ok, err := s.Read(key(i))
			if err != nil || !ok || len(got) != 1 || got[0] != authenticated[0] {
				t.Fatalf("the file was opened, and session %d is %v, %v, %v", i, got, ok, err)
			}
		}
		must(t, s.Close())
	}
	if opened == 0 || opened == rounds {
		t.Errorf("%d of %d damaged files were opened", opened, rounds)
	}
}
