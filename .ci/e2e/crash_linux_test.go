package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/bolt"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// TestMachineCrashOnBoltLosesNoAcknowledgedWrite records what the server asks of its
// file, and rebuilds the file in states that a crash of the machine can leave behind.
func TestMachineCrashOnBoltLosesNoAcknowledgedWrite(t *testing.T) {
	t.Parallel()
	run := recordRun(t)
	states, err := run.crash(t)
	if err != nil {
		t.Error(err)
	}
	for odd := range 2 { // bbolt syncs the data, and then the page that leads to it
		syncs := 0
		control := diskRun{slices.DeleteFunc(slices.Clone(run.events), func(event diskEvent) bool {
			if event.call == "sync" {
				syncs++
			}
			return event.call == "sync" && syncs > 4 && syncs%2 == odd
		}), run.ended}
		if _, err := control.crash(t); err == nil {
			t.Error("nothing is lost without every second sync")
		}
	}
	if t.Logf("%d states of the file", states); states < 200 {
		t.Error("these are too few for a test")
	}
}

// diskRun is what a server did.
type diskRun struct {
	events []diskEvent
	ended  map[string]string // the cookie that a logout ended, by the one that it set
}

// diskEvent is something that a server asked of its file, or a response to a client.
type diskEvent struct {
	call   string // write, sync or response
	data   []byte // that is written
	at     int    // where it is written
	cookie string // that the response sets
}

// recordRun runs the server under strace while clients log in and some log out.
func recordRun(t *testing.T) diskRun {
	t.Helper()
	dir := t.TempDir()
	log := filepath.Join(dir, "log")
	s := startCommand(t, exec.CommandContext(t.Context(), "strace", "-D", "-f", "-q", "-xx", "-s", "1000000",
		"-e", "signal=none", "-e", "trace=pwrite64,ftruncate,fdatasync,fsync,write", "-o", log,
		program, "-addr", "127.0.0.1:0", "-store", "bolt:"+filepath.Join(dir, "sessions.db")))
	run := diskRun{ended: make(map[string]string)}
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, c := range s.clients(t, 4, "") {
		all.Go(func() {
			for range scale(5, 50) {
				_, in, err := c.get("/login", "")
				if err == nil && rand.IntN(2) == 0 {
					var out string
					_, out, err = c.get("/logout", in)
					mu.Lock()
					run.ended[out] = in
					mu.Unlock()
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	s.stop(t)
	end := regexp.MustCompile(fmt.Sprintf(`(?m)^%d +\+\+\+ exited`, s.pid))
	redistest.Eventually(t, "the end of strace's log", func() bool {
		text, err := os.ReadFile(log)
		if err != nil {
			t.Fatal(err)
		}
		run.events = diskEvents(t, string(text))
		return end.Match(text)
	})
	return run
}

var (
	tracedCall = regexp.MustCompile(`^(\d+) +(\w+)\((\d+)(?:, "([^"]*)", \d+)?(?:, (\d+))?`)
	setCookie  = regexp.MustCompile(`(?s)^HTTP/1.1 200 .*?\nSet-Cookie: ([^;]+);`)
)

// diskEvents returns the events in strace's log. Only the store calls pwrite64.
func diskEvents(t *testing.T, log string) (events []diskEvent) {
	t.Helper()
	file := ""    // its descriptor
	syncing := "" // the thread that waits for a sync of the file
	for line := range strings.Lines(log) {
		if syncing != "" && strings.HasPrefix(line, syncing) && strings.Contains(line, "sync resumed>") {
			syncing = ""
			events = append(events, diskEvent{call: "sync"})
		}
		call := tracedCall.FindStringSubmatch(line)
		if call == nil {
			continue
		}
		data, err := hex.DecodeString(strings.ReplaceAll(call[4], `\x`, ""))
		at, atErr := strconv.Atoi("0" + call[5])
		if err := errors.Join(err, atErr); err != nil {
			t.Fatal(err)
		}
		switch name := call[2]; {
		case name == "pwrite64":
			file = call[3]
			events = append(events, diskEvent{call: "write", data: data, at: at})
		case name == "write":
			if cookie := setCookie.FindSubmatch(data); cookie != nil {
				events = append(events, diskEvent{call: "response", cookie: string(cookie[1])})
			}
		case call[3] != file:
		case name == "ftruncate":
			events = append(events, diskEvent{call: "write", data: []byte{0}, at: at - 1}) // it grows by zeros
		case strings.HasSuffix(line, "<unfinished ...>\n"):
			syncing = call[1] + " "
		default:
			events = append(events, diskEvent{call: "sync"})
		}
	}
	return events
}

// crash checks the file in the states that a crash can leave it in between two syncs,
// with all that was acknowledged by the second one. Before the first sync nothing is.
func (run *diskRun) crash(t *testing.T) (states int, err error) {
	t.Helper()
	random, path := rand.New(rand.NewPCG(1, 2)), filepath.Join(t.TempDir(), "sessions.db")
	var file []byte
	var unsynced []diskEvent
	want := make(map[string]bool) // by cookie: whether its session must live
	for i, event := range append(slices.Clone(run.events), diskEvent{call: "sync"}) {
		switch event.call {
		case "write":
			unsynced = append(unsynced, event)
		case "response":
			want[event.cookie] = true
			if old := run.ended[event.cookie]; old != "" {
				want[old] = false
			}
		case "sync":
			for _, kept := range survivors(random, unsynced) {
				if file == nil { // there is nothing before the first sync
					break
				}
				states++
				if err := run.check(path, written(file, kept), want); err != nil {
					return states, fmt.Errorf("a crash before event %d that %d of %d writes survive: %w", i, len(kept), len(unsynced), err)
				}
			}
			file, unsynced = written(file, unsynced), nil
		}
	}
	return states, nil
}

// survivors returns sets of the writes: none, all, all but one, only one, some, and
// all with one of which only some sectors are written.
func survivors(random *rand.Rand, writes []diskEvent) (sets [][]diskEvent) {
	sets = append(sets, nil, writes)
	for i, write := range writes {
		sets = append(sets, writes[i:i+1], slices.Delete(slices.Clone(writes), i, i+1))
		if sectors := len(write.data) / 512; sectors > 1 {
			cut := 512 * (1 + random.IntN(sectors-1))
			first, rest := slices.Clone(writes), slices.Clone(writes)
			first[i].data = write.data[:cut]
			rest[i].data, rest[i].at = write.data[cut:], write.at+cut
			sets = append(sets, first, rest)
		}
	}
	for range scale(2, 20) {
		sets = append(sets, slices.DeleteFunc(slices.Clone(writes), func(diskEvent) bool { return random.IntN(2) == 0 }))
	}
	return sets
}

// written returns the file after the writes.
func written(file []byte, writes []diskEvent) []byte {
	file = slices.Clone(file)
	for _, write := range writes {
		file = append(file, make([]byte, max(0, write.at+len(write.data)-len(file)))...)
		copy(file[write.at:], write.data)
	}
	return file
}

// check opens the file, and looks for the sessions.
func (run *diskRun) check(path string, file []byte, want map[string]bool) (err error) {
	if err := os.WriteFile(path, file, 0o600); err != nil {
		return err
	}
	s, err := bolt.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.SetLimits(store.Limits{}); err != nil {
		return err
	}
	for cookie, want := range want {
		_, id, _ := strings.Cut(cookie, "=")
		_, live, err := s.Read(sha256.Sum256([]byte(id)))
		if mayEnd := slices.Contains(slices.Collect(maps.Values(run.ended)), cookie); live != want && !(want && mayEnd) || err != nil {
			return fmt.Errorf("session %s: live %v, %v, want %v", cookie, live, err, want)
		}
	}
	return nil
}
