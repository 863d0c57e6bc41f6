package iris

import (
	"cmp"
	"context"
	"net"
	"os"
	"syscall"
)

// bindUNIX listens on a socket whose file has the mode, less the umask, from the
// beginning: Linux takes the mode that the socket has before it is bound.
func bindUNIX(socketFile string, mode os.FileMode) (net.Listener, error) {
	config := net.ListenConfig{Control: func(_, _ string, conn syscall.RawConn) error {
		var failed error
		err := conn.Control(func(fd uintptr) { failed = syscall.Fchmod(int(fd), uint32(mode.Perm())) })
		return cmp.Or(err, os.NewSyscallError("fchmod", failed))
	}}
	return config.Listen(context.Background(), "unix", socketFile)
}
