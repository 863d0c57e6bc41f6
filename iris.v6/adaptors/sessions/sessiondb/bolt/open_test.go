package bolt_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"gopkg.in/kataras/iris.v6/adaptors/sessions"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/bolt"
)

// fill makes a file with n sessions, closes it and returns what it has.
func fill(t testing.TB, path string, n int) []byte {
	t.Helper()
	s, err := bolt.Open(path)
	must(t, err)
	s.SetLimits(limits)
	for i := range n {
		must(t, s.Create(t.Context(), key(i), authenticated))
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

func key(n int) (k sessions.Key) {
	k[0], k[1], k[2] = byte(n*37), byte(n>>8), byte(n)
	return k
}

func TestOnlyTheOwnerMayReadTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.db")
	fill(t, path, 1)
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestSessionsOutliveTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.db")
	fill(t, path, 100)
	s := open(t, path, limits)
	for i := range 100 {
		if _, ok, err := s.Read(t.Context(), key(i)); !ok || err != nil {
			t.Fatalf("session %d: %v, %v", i, ok, err)
		}
	}
}

func TestWhatIsNotOursIsRefusedAndLeftAsItIs(t *testing.T) {
	dir := t.TempDir()
	ours := fill(t, filepath.Join(dir, "ours.db"), 500)
	another := filepath.Join(dir, "another.db")
	db, err := bbolt.Open(another, 0o600, nil)
	must(t, err)
	must(t, db.Update(func(tx *bbolt.Tx) error { _, err := tx.CreateBucket([]byte("accounts")); return err }))
	must(t, db.Close())
	foreign, err := os.ReadFile(another)
	must(t, err)

	for rule, data := range map[string][]byte{
		"a text":                       []byte("my diary\n"),
		"a long text":                  bytes.Repeat([]byte("my diary\n"), 10_000),
		"zeros":                        make([]byte, 1<<16),
		"another program's database":   foreign,
		"ours, cut off after one page": ours[:4096],
		"ours, without its last page":  ours[:len(ours)-4096],
		"ours, cut off within a page":  ours[:10000],
		"ours, without its first half": ours[len(ours)/2:],
	} {
		t.Run(rule, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "sessions.db")
			must(t, os.WriteFile(path, data, 0o600))
			refused(t, path, "not a file of sessions, or a damaged one")
			if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, data) {
				t.Errorf("the file has changed (%v)", err)
			}
		})
	}
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
	if text := err.Error(); !strings.Contains(text, path) || !strings.Contains(text, says) || strings.Contains(text, "\n") {
		t.Errorf("error %q", text)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestWhatCannotBeOpenedIsNamed(t *testing.T) {
	dir := t.TempDir()
	refused(t, dir, "not a regular file")
	refused(t, filepath.Join(dir, "none", "sessions.db"), "no such file or directory")
	fifo := filepath.Join(dir, "fifo")
	must(t, syscall.Mkfifo(fifo, 0o600))
	refused(t, fifo, "not a regular file")
}

func TestAFileThatIsInUseIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.db")
	s := open(t, path, limits)
	must(t, s.Create(t.Context(), key(1), authenticated))
	refused(t, path, "another process has the file open")
	if _, ok, err := s.Read(t.Context(), key(1)); !ok || err != nil {
		t.Errorf("afterwards the first reads %v, %v", ok, err)
	}
}

// TestADamagedFileDoesNoHarm damages a file in many places. It is either refused
// and left as it is, or it has every session that it had, but for the last: where
// the mark of the last transaction is damaged, it looks like one that a crash cut
// off before it was acknowledged.
func TestADamagedFileDoesNoHarm(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "sessions.db")
	whole := fill(t, path, 300)
	r := rand.New(rand.NewPCG(1, 2))
	opened, rounds := 0, 200
	for range rounds {
		data := bytes.Clone(whole)
		for range 1 + r.IntN(3) {
			i := r.IntN(len(data))
			if r.IntN(2) == 0 {
				i = i/4096*4096 + r.IntN(64) // where a page says what it is
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
		s.SetLimits(limits)
		for i := range 299 {
			got, ok, err := s.Read(t.Context(), key(i))
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

// TestAFullDisk sets a limit to the size of files, which a full disk is much like.
func TestAFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.db")
	s := open(t, path, limits)
	must(t, s.Create(t.Context(), key(0), authenticated))

	var before syscall.Rlimit
	must(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before))
	info, err := os.Stat(path)
	must(t, err)
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: uint64(info.Size()), Max: before.Max}))
	defer syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before)
	acknowledged := []int{0}
	large := []sessions.Item{{Name: "cart", Value: make([]byte, 64<<10)}}
	for i := 1; ; i++ {
		if err = s.Create(t.Context(), key(i), large); err != nil {
			break
		}
		acknowledged = append(acknowledged, i)
	}
	if !strings.Contains(err.Error(), syscall.EFBIG.Error()) {
		t.Errorf("error %v", err)
	}
	must(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before))
	must(t, s.Create(t.Context(), key(9999), large))
	for _, i := range append(acknowledged, 9999) {
		if _, ok, err := s.Read(t.Context(), key(i)); !ok || err != nil {
			t.Errorf("session %d, which was acknowledged: %v, %v", i, ok, err)
		}
	}
}
