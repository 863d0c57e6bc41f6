package redis_test

import (
	"encoding/gob"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"gopkg.in/kataras/iris.v6/adaptors/sessions/sessiondb/redis/redistest"
	"gopkg.in/kataras/iris.v6/adaptors/sessions/store"
)

// TestReadsSessionsOfTheFirstFormat runs commands that were recorded from a
// Redis: the data of the version before forwards. There is a session
// with values of every type, and one that DestroyAll had ended.
func TestReadsSessionsOfTheFirstFormat(t *testing.T) {
	gob.Register(map[string]int{})
	server := redistest.Start(t)
	replay(t, server, "testdata/format1.txt")
	s := openWith(t, urlOf("", server), "session:", store.Limits{IdleTimeout: 2 * time.Hour})
	want := []store.Item{
		{Name: "bool", Value: true}, {Name: "int", Value: -1}, {Name: "int64", Value: int64(1) << 62},
		{Name: "float32", Value: float32(0.1)}, {Name: "float64", Value: 0.1}, {Name: "string", Value: "\x00ü\xff"},
		{Name: "bytes", Value: []byte{0, 255}}, {Name: "time", Value: time.Date(2026, 2, 28, 23, 59, 59, 1, time.UTC)},
		{Name: "gob", Value: map[string]int{"a": 1}},
	}
	if got, ok, err := s.Read(key(1)); !ok || err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("read %v, %v, %v; want %v", got, ok, err, want)
	}
	if got, ok, err := s.Read(key(2)); ok || err != nil {
		t.Errorf("a session from before DestroyAll is read: %v, %v", got, err)
	}
	renew(t, s, key(1), key(3), items("renewed"))
	if got, ok, err := s.Read(key(3)); !ok || err != nil || len(got) != len(want)+1 {
		t.Errorf("after a renewal: %v, %v, %v", got, ok, err)
	}
}

// replay runs the commands of a file, one a line, whose words are in quotes.
func replay(t *testing.T, server *redistest.Server, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	must(t, err)
	client, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{server.Addr}, Password: redistest.Password, DisableCache: true})
	must(t, err)
	defer client.Close()
	for line := range strings.Lines(string(text)) {
		var command []string
		for word := range strings.SplitSeq(strings.TrimSpace(line), `" "`) {
			word, err := strconv.Unquote(`"` + strings.Trim(word, `"`) + `"`)
			must(t, err)
			command = append(command, word)
		}
		must(t, client.Do(t.Context(), client.B().Arbitrary(command...).Build()).Error())
	}
}
