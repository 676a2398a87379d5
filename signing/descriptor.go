package signing

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
)

// descriptors keeps what was handed to this process. held are not read yet, and
// closed in every program that it starts. read keeps bytes: a pipe gives them
// once, and a release asks for its key at each signature. Descriptors belong to
// the process, and so does this, until its end.
var descriptors = struct {
	sync.Mutex
	held map[int]*os.File
	read map[int][]byte
}{held: map[int]*os.File{}, read: map[int][]byte{}}

func descriptorNumber(n string) (int, error) {
	number, err := strconv.ParseUint(n, 10, 16)
	if err != nil || number == 1 || number == 2 {
		return 0, errors.New("want the number of an inherited descriptor: 0, 3 or more")
	}
	return int(number), nil
}

// Hold keeps the descriptor that a reference names, if it names one, from the
// programs that this one starts: whichever reads a pipe first has the secret, and
// has it alone. It is called as soon as a reference is known, and does nothing
// the second time.
func (r Ref) Hold() {
	n, ok := strings.CutPrefix(string(r), "fd:")
	if fd, err := descriptorNumber(n); ok && err == nil {
		descriptors.Lock()
		defer descriptors.Unlock()
		hold(fd)
	}
}

// hold gives nil for a number that was not handed to us: it may be a file of our
// own, which must not be read and closed.
func hold(fd int) *os.File {
	if f := descriptors.held[fd]; f != nil {
		return f
	}
	if _, done := descriptors.read[fd]; done || !inherited(fd) {
		return nil
	}
	closeOnExec(fd)
	f := os.Stdin // whose handle Windows numbers otherwise
	if fd != 0 {
		f = os.NewFile(uintptr(fd), fmt.Sprintf("fd:%d", fd))
	}
	descriptors.held[fd] = f
	return f
}

// HandOn gives the descriptors that are held to a program, under their numbers:
// to this very program, started again in this one's place.
func HandOn(cmd *exec.Cmd) {
	descriptors.Lock()
	defer descriptors.Unlock()
	const first = 3 // the number of ExtraFiles[0]
	for fd, f := range descriptors.held {
		if fd < first {
			continue
		}
		for len(cmd.ExtraFiles) <= fd-first {
			cmd.ExtraFiles = append(cmd.ExtraFiles, nil)
		}
		cmd.ExtraFiles[fd-first] = f
	}
}

// ownInput tells whether standard input is a secret's, which no program may read
// in our place.
func ownInput() bool {
	descriptors.Lock()
	defer descriptors.Unlock()
	_, read := descriptors.read[0]
	return read || descriptors.held[0] != nil
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
	f := hold(fd)
	if f == nil {
		return nil, fmt.Errorf("no descriptor %d was handed to slipway; in a shell: slipway … %d< FILE", fd, fd)
	}
	delete(descriptors.held, fd)
	defer f.Close()
	b, err := readLimited(f)
	if err == nil {
		descriptors.read[fd] = bytes.Clone(b)
	}
	return b, err
}
