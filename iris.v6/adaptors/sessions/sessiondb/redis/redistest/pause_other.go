//go:build !unix

package redistest

// Pause fails the test: it takes the signals of a Unix system.
func (s *Server) Pause() { s.t.Fatal("redistest: only a Unix system can pause a server") }

// Resume is called after Pause only.
func (s *Server) Resume() {}
