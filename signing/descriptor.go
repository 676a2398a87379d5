package signing

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
)

// descriptors keeps what was read: a pipe gives its bytes once, and a release
// asks for its key at each signature. Descriptors belong to the process, and so
// does this, until its end.
var descriptors = struct {
	sync.Mutex
	read map[int][]byte
}{read: map[int][]byte{}}

func descriptorNumber(n string) (int, error) {
	number, err := strconv.ParseUint(n, 10, 16)
	if err != nil || number == 1 || number == 2 {
		return 0, errors.New("want the number of an inherited descriptor: 0, 3 or more")
	}
	return int(number), nil
}

func readDescriptor(n string) ([]byte, error) {
	fd, err := descriptorNumber(n)
	if err != nil {
		return nil, err
	}
	descriptors.Lock()
	defer descriptors.Unlock()
	if b, ok := descriptors.read[fd]; ok {
		return bytes.Clone(b), nil // wiping one copy spares the others
	}
	// The number may be a file of our own, which must not be read and closed.
	if !inherited(fd) {
		return nil, fmt.Errorf("no descriptor %d was handed to slipway; in a shell: slipway … %d< FILE", fd, fd)
	}
	f := os.NewFile(uintptr(fd), "fd:"+n)
	defer f.Close()
	b, err := readLimited(f)
	if err == nil {
		descriptors.read[fd] = bytes.Clone(b)
	}
	return b, err
}
