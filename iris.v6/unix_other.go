//go:build !linux

package iris

import (
	"net"
	"os"
)

func bindUNIX(socketFile string, _ os.FileMode) (net.Listener, error) {
	return net.Listen("unix", socketFile)
}
