package iris_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"gopkg.in/kataras/iris.v6"
)

func TestVisitValues(t *testing.T) {
	app, _ := newApp()
	app.UseFunc(func(ctx *iris.Context) { ctx.Set("user", "mia"); ctx.Set("n", 7); ctx.Next() })
	app.Get("/:id", func(ctx *iris.Context) {
		equal(t, "ValuesLen()", ctx.ValuesLen(), 3)
		ctx.VisitValues(func(key string, v interface{}) { ctx.Writef("%s=%v ", key, v) })
	})
	wantAnswer(t, answer(app, "GET", "/x"), 200, "id=x user=mia n=7 ")
}

func TestParamsSentenceHasEveryValueThatIsAString(t *testing.T) {
	app, _ := newApp()
	app.UseFunc(func(ctx *iris.Context) { ctx.Set("user", "mia"); ctx.Set("n", 7); ctx.Next() })
	app.Get("/none", func(ctx *iris.Context) { ctx.Writef("%q", ctx.ParamsSentence()) })
	app.Get("/two/:a/*b", func(ctx *iris.Context) { ctx.Writef("%q", ctx.ParamsSentence()) })
	app.OnError(404, func(ctx *iris.Context) { ctx.Writef("%q", ctx.ParamsSentence()) })
	wantAnswer(t, answer(app, "GET", "/none"), 200, `"user=mia"`)
	wantAnswer(t, answer(app, "GET", "/two/x/y/z"), 200, `"a=x,b=/y/z,user=mia"`)
	wantAnswer(t, answer(app, "GET", "/nowhere"), 404, `""`)
}

func TestNumbersInThePathAndTheQuery(t *testing.T) {
	big := int64(1) << 40
	app, _ := newApp()
	app.Get("/:n", func(ctx *iris.Context) {
		for _, number := range []func() (int64, error){
			func() (int64, error) { n, err := ctx.ParamInt("n"); return int64(n), err },
			func() (int64, error) { n, err := ctx.URLParamInt("n"); return int64(n), err },
			func() (int64, error) { return ctx.ParamInt64("n") },
			func() (int64, error) { return ctx.URLParamInt64("n") },
		} {
			n, err := number()
			ctx.Writef("%d %v ", n, err == nil)
		}
	})
	const none = "-1 false 0 false 0 false 0 false "
	for number, want := range map[string]string{
		"7":             strings.Repeat("7 true ", 4),
		"-7":            strings.Repeat("-7 true ", 4),
		fmt.Sprint(big): strings.Repeat(fmt.Sprint(big, " true "), 4),
		"seven":         none,
		"7x":            none,
		"0x7":           none,
	} {
		wantAnswer(t, answer(app, "GET", "/"+number+"?n="+number), 200, want)
	}
}

func TestDecode(t *testing.T) {
	for _, test := range []struct{ in, path, query string }{
		{"", "", ""}, {"plain", "plain", "plain"}, {"a%20b", "a b", "a b"}, {"a+b", "a+b", "a b"},
		{"a%2Bb%252", "a+b%2", "a+b%2"}, {"%", "%", "%"}, {"%zz", "%zz", "%zz"}, {"100%+a%20b", "100%+a%20b", "100%+a%20b"}, {"a%C3%BC", "aü", "aü"},
	} {
		equal(t, "DecodeURL("+test.in+")", iris.DecodeURL(test.in), test.path)
		equal(t, "DecodeQuery("+test.in+")", iris.DecodeQuery(test.in), test.query)
	}
}

// Decoding undoes what net/url escapes, and leaves alone what it refuses.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{"", "a b+c", "%", "%2", "%2f%2F", "ü\xff\x00", "+%2B"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		equal(t, "DecodeURL(PathEscape)", iris.DecodeURL(url.PathEscape(s)), s)
		equal(t, "DecodeQuery(QueryEscape)", iris.DecodeQuery(url.QueryEscape(s)), s)
		path, pathErr := url.PathUnescape(s)
		query, queryErr := url.QueryUnescape(s)
		if pathErr != nil {
			path = s
		}
		if queryErr != nil {
			query = s
		}
		equal(t, "DecodeURL", iris.DecodeURL(s), path)
		equal(t, "DecodeQuery", iris.DecodeQuery(s), query)
	})
}

func TestContextIsTheRequestsContext(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	inspect(t, r.WithContext(deadContext(t)), func(ctx *iris.Context) {
		var _ context.Context = ctx
		ctx.Set("name", "mia")
		equal(t, "Err()", ctx.Err(), ctx.Request.Context().Err())
		<-ctx.Done()
		at, ok := ctx.Deadline()
		wantAt, wantOK := ctx.Request.Context().Deadline()
		equal(t, "Deadline()", at.Equal(wantAt) && ok && wantOK, true)
		equal(t, "Value of the request's", ctx.Value(contextKey{}), any("carried"))
		equal(t, "Value of what was Set", ctx.Value("name"), any("mia"))
		equal(t, "Value of nothing", ctx.Value("nothing"), nil)
	})
}

func TestBareContextIsEmpty(t *testing.T) {
	var ctx iris.Context
	equal(t, "Err()", ctx.Err(), nil)
	equal(t, "Done()", ctx.Done(), nil)
	_, ok := ctx.Deadline()
	equal(t, "Deadline()", ok, false)
	ctx.Set("name", "mia")
	equal(t, "Value of what was Set", ctx.Value("name"), any("mia"))
	equal(t, "Value of nothing", ctx.Value("nothing"), nil)
	equal(t, "ParamsSentence()", ctx.ParamsSentence(), "name=mia")
	equal(t, "ParamDecoded()", ctx.ParamDecoded("name"), "mia")
}
