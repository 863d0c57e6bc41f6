package iris

import "net/http"

// Attachment is state that must be saved before a response's header leaves. It
// stays with the ResponseWriter for the later requests that this one serves.
type Attachment interface {
	// Save is called just before the header leaves, and may still set header
	// fields. After an error, which it must have logged, the response is 503
	// Service Unavailable, without anything that the handlers or Save have set.
	// last tells that the handlers are done. If they were not, Save is called
	// once more when they are: an error then cuts the connection.
	Save(last bool) error
	// Release is called when the request is over, and before that if a handler
	// has panicked. The attachment forgets the request, saved or not.
	Release()
}

type attachment struct {
	owner any
	Attachment
}

// Attach returns the Attachment that owner has on the response behind w, which
// may be wrapped (see [http.ResponseController]); if it has none, create makes
// one. late tells that the header has left, or is about to. Attach returns nil
// if w is not a response of a Framework.
func Attach(w http.ResponseWriter, owner any, create func() Attachment) (a Attachment, late bool) {
	own, ok := w.(*response)
	for !ok {
		switch wrapper := w.(type) {
		case foreignWriter:
			w = wrapper.own // the writer that it wraps may have no Unwrap
		case interface{ Unwrap() http.ResponseWriter }:
			w = wrapper.Unwrap()
		default:
			return nil, false
		}
		own, ok = w.(*response)
	}
	for i := range own.attachments {
		if own.attachments[i].owner == owner {
			return own.attachments[i].Attachment, own.saved
		}
	}
	a = create()
	own.attachments = append(own.attachments, attachment{owner, a})
	return a, own.saved
}

// save saves every attachment before the header leaves, once. If one fails, 503
// replaces the response. If one panics, so does save, as a handler would.
func (w *response) save(last bool) error {
	if w.saved {
		return w.saveErr
	}
	if len(w.attachments) > 1 {
		w.Header() // the first may set fields and the second fail
	}
	w.saved = true
	if err := w.saveAll(last); err != nil {
		w.saveErr = err
		w.ctx.ResponseWriter = w // a foreign writer may buffer what was written, or be closed
		w.takeBack()
		w.dst.Header()["Retry-After"] = retryAfter
		w.ctx.EmitError(http.StatusServiceUnavailable)
		w.replaced = true
	}
	return w.saveErr
}

// retryAfter is shared by all responses: appending to it copies it.
var retryAfter = []string{"1"}

// saveAll saves every attachment, up to the first that fails.
func (w *response) saveAll(last bool) error {
	for i := range w.attachments {
		if err := w.attachments[i].Save(last); err != nil {
			return err
		}
	}
	return nil
}

// release makes the attachments forget the request, saved or not.
func (w *response) release() {
	for i := range w.attachments {
		w.attachments[i].Release()
	}
}
