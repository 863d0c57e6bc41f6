package bolt

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// writer has the changes of the index that are not on the disk. While a transaction
// is on its way there, changes gather for the next one: a single write waits for
// nothing but the disk, and many at once share it.
//
// A transaction that fails leaves its changes to the next one. They are in the
// index, so a call that asks for their sessions must wait for that one.
type writer struct {
	commit  func() error // puts the batch that it takes on the disk
	pending atomic.Bool  // there are such changes
	behind  atomic.Bool  // a transaction has failed, or is late

	turn sync.RWMutex // while it is locked for reading, no batch is taken

	mu      sync.Mutex
	next    *batch // gathers changes
	current *batch // is on its way to the disk, nil for none
	busy    bool   // a goroutine commits
}

// batch says what has changed. The index has what it is now.
type batch struct {
	keys map[store.Key]bool // false if only a use is to be recorded
	all  bool               // all sessions have ended
	done chan struct{}      // closed when err is set
	err  error
}

func newBatch() *batch {
	return &batch{keys: make(map[store.Key]bool), done: make(chan struct{})}
}

func (b *batch) hasAny() bool { return b.all || len(b.keys) > 0 }

// include adds the changes of another batch.
func (b *batch) include(other *batch) {
	for key, changed := range other.keys {
		b.keys[key] = b.keys[key] || changed
	}
	b.all = b.all || other.all
}

func (b *batch) finish(err error) {
	b.err = err
	close(b.done)
}

// Changed implements memstore.Mirror.
func (w *writer) Changed(key store.Key) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.next.keys[key] = true
	w.pending.Store(true)
}

// Used implements memstore.Mirror. No request waits for it.
func (w *writer) Used(key store.Key) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.next.keys[key] {
		w.next.keys[key] = false
	}
	w.pending.Store(true)
	w.start()
}

// start has the changes committed. It is called with the lock held.
func (w *writer) start() {
	if !w.busy {
		w.busy = true
		go w.commitAll()
	}
}

// Cleared implements memstore.Mirror.
func (w *writer) Cleared() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.next.all = true
	w.pending.Store(true)
}

// Flush implements memstore.Mirror. If it fails, so do the requests, which tell. It
// does not try again: each failure would copy all that has expired by then.
func (w *writer) Flush() {
	if w.behind.Load() {
		return
	}
	if b := w.latest(); b != nil {
		select {
		case <-b.done:
		case <-time.After(patience):
		}
	}
}

// patience is how long a call waits for the disk. Its changes may still get there
// later.
var patience = time.Second // tests have more, because they share the disk

// wait waits until the batch is on the disk.
func (w *writer) wait(b *batch, timeout <-chan time.Time) error {
	if b == nil {
		return nil
	}
	select {
	case <-b.done:
		return b.err
	case <-timeout:
		w.behind.Store(true)
		return fmt.Errorf("the disk took longer than %v", patience)
	}
}

// of returns the latest batch with a change of the session that is not on the disk,
// nil if there is none.
func (w *writer) of(key store.Key) *batch {
	return w.find(func(b *batch) bool { return b.all || b.keys[key] })
}

// latest returns the latest batch that is not on the disk, nil if there is none.
func (w *writer) latest() *batch {
	return w.find((*batch).hasAny)
}

// find returns the latest batch that is wanted, and has it committed.
func (w *writer) find(wanted func(*batch) bool) *batch {
	if !w.pending.Load() {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, b := range []*batch{w.next, w.current} {
		if b != nil && wanted(b) {
			w.start()
			return b
		}
	}
	return nil
}

// commitAll commits transactions until there is no change left, or one fails.
func (w *writer) commitAll() {
	for w.settle(w.commit()) {
	}
}

// during calls change, and returns the latest batch afterwards. No batch is taken in
// between, so that is the one with the change, if there is a change.
func (w *writer) during(change func() (bool, error)) (ok bool, b *batch, err error) {
	w.turn.RLock()
	defer w.turn.RUnlock()
	ok, err = change()
	return ok, w.latest(), err
}

// take makes the next batch the current one. commit calls it once, while the index
// does not change.
func (w *writer) take() *batch {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.current, w.next = w.next, newBatch()
	return w.current
}

// settle ends the current batch, and reports whether there is another one. If it
// failed, so does the next: it may build on what failed.
func (w *writer) settle(err error) (more bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.behind.Store(err != nil) // before a call hears of it
	if err != nil {
		failed := w.next
		w.next = newBatch()
		w.next.include(w.current)
		w.next.include(failed)
		failed.finish(err)
	}
	w.current.finish(err)
	w.current = nil
	w.pending.Store(w.next.hasAny())
	w.busy = err == nil && w.next.hasAny()
	return w.busy
}
