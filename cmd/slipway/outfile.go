package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"

	"slipway/cache/filesystem"
)

// writeOut makes the file appear at path whole or not at all. A file that stood
// there is replaced, for the verbs that use it are told where to write; but none
// of those that reads names, which were read for it: a secret key would be gone.
// A link is followed; and a device or pipe is written to, for a rename would put a
// file in the place of /dev/null.
func writeOut(path string, reads []string, write func(io.Writer) error) error {
	if err := apart(path, reads...); err != nil {
		return usage(err, "")
	}
	if there, err := os.Stat(path); err == nil && !there.Mode().IsRegular() {
		return writeInto(path, there, write)
	}
	path = followed(path)
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+"-*")
	if err != nil {
		return placed(fmt.Errorf("writing %s: %w", path, withoutPath(err)))
	}
	defer removedOnSignal(f)()
	w := bufio.NewWriterSize(f, 256<<10)
	err = write(w)
	if err == nil {
		err = w.Flush()
	}
	if err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return filesystem.Rename(f.Name(), path)
}

// followed is where a link leads, though nothing may be there yet.
func followed(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	target, err := os.Readlink(path)
	switch {
	case err != nil:
		return path
	case filepath.IsAbs(target):
		return target
	}
	return filepath.Join(filepath.Dir(path), target)
}

// apart refuses an output that is one of the inputs, or lies in a directory that
// is: the one would be lost, the other packed the next time.
func apart(out string, ins ...string) error {
	here, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	for _, in := range ins {
		source, err := os.Stat(in)
		if err != nil {
			continue // who reads it says so
		}
		for p, below := here, ""; p != below; p, below = filepath.Dir(p), p {
			switch info, err := os.Stat(p); {
			case err != nil || !os.SameFile(info, source):
			case below != "":
				return fmt.Errorf("%s lies in %s, which is packed: choose another place", out, in)
			case !info.IsDir() && info.Mode().IsRegular():
				return fmt.Errorf("%s is read, and would be overwritten by what is made of it", out)
			}
		}
	}
	return nil
}

// withoutPath takes the name that the system gives out of an error: one of a
// temporary file says nothing to people.
func withoutPath(err error) error {
	var of *fs.PathError
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}

// removedOnSignal takes f away should a signal end the process before the
// function that it returns is called; the process then dies of that signal, as
// if nobody had looked. So it does of one that came and was not yet seen.
func removedOnSignal(f *os.File) func() {
	signals, over, done := make(chan os.Signal, 1), make(chan struct{}), make(chan struct{})
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) { // under nohup, say
			signal.Notify(signals, s)
		}
	}
	go func() {
		defer close(done)
		s := signalBefore(over, signals)
		if s == nil {
			return
		}
		if runtime.GOOS == "windows" {
			f.Close() // else it stays
		}
		os.Remove(f.Name())
		signal.Reset(s)
		dieOf(s)
		select {} // until it does
	}()
	return func() { signal.Stop(signals); close(over); <-done }
}

// signalBefore waits for the end or a signal, and returns nil if none came.
func signalBefore(over <-chan struct{}, signals <-chan os.Signal) os.Signal {
	select {
	case s := <-signals:
		return s
	case <-over:
	}
	select { // with both there, chance has chosen
	case s := <-signals:
		return s
	default:
		return nil
	}
}

func writeInto(path string, there os.FileInfo, write func(io.Writer) error) error {
	if there.IsDir() {
		return usage(fmt.Errorf("%s is a directory; want the name of a file to write", path), "")
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}
