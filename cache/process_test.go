package cache

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestMain lets tests run this binary as another process that works in a cache.
func TestMain(m *testing.M) {
	if dir := os.Getenv("CACHE_TEST_WORKER"); dir != "" {
		if err := work(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const workerKeys = 40

// work makes, reads and trims what every other worker makes, reads and trims.
func work(dir string) error {
	s, err := Open(dir)
	if err != nil {
		return err
	}
	defer s.Close()
	for i := range workerKeys {
		text := strings.Repeat(fmt.Sprint("result ", i, " "), 1000)
		key := Key{Space: "test", Parts: map[string]string{"i": fmt.Sprint(i)}}
		v, err := s.Do(context.Background(), key, func(ctx context.Context) (Value, error) {
			b, err := s.Put(ctx, strings.NewReader(text))
			return Value{Blobs: []Blob{b}}, err
		})
		if err != nil {
			return err
		}
		got, err := s.Bytes(context.Background(), v.Blobs[0].Digest, 1<<20)
		if err != nil {
			return err
		}
		if string(got) != text {
			return fmt.Errorf("key %d: got other bytes", i)
		}
		if i%10 == 9 {
			if _, err := s.Trim(context.Background(), TrimOptions{Max: 0, Keep: time.Hour}); err != nil {
				return err
			}
		}
	}
	return nil
}

func worker(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "CACHE_TEST_WORKER="+dir)
	cmd.Stderr = os.Stderr
	must(t, cmd.Start())
	return cmd
}

func TestManyProcesses(t *testing.T) {
	dir := t.TempDir()
	var cmds []*exec.Cmd
	for range 6 {
		cmds = append(cmds, worker(t, dir))
	}
	for _, cmd := range cmds {
		must(t, cmd.Wait())
	}
	s := open(t, dir, Options{})
	v, err := s.Verify(t.Context(), false)
	must(t, err)
	if len(v.Bad) > 0 || v.Results != workerKeys || v.Blobs != workerKeys {
		t.Errorf("after six processes: %+v", v)
	}
	st, err := s.Stats(t.Context())
	must(t, err)
	if c := st.Saved["test"]; c.Hits+c.Misses != 6*workerKeys || c.Misses < workerKeys {
		t.Errorf("six processes report %+v", c)
	}
}

// Killed at any instant, a process leaves nothing that counts as an entry and
// nothing that the next session does not sweep.
func TestKilledProcesses(t *testing.T) {
	dir := t.TempDir()
	for i := range 20 {
		cmd := worker(t, dir)
		// Kill it when it has come so far: no clock involved.
		for {
			files, _ := os.ReadDir(filepath.Join(dir, "keys"))
			if len(files) >= 2*i {
				break
			}
		}
		must(t, cmd.Process.Kill())
		cmd.Wait()
	}
	s := open(t, dir, Options{})
	v, err := s.Verify(t.Context(), false)
	must(t, err)
	if len(v.Bad) > 0 {
		t.Errorf("after twenty kills: %v", v.Bad)
	}
	put(t, s, "what begins our session, and sweeps")
	sessions, err := os.ReadDir(filepath.Join(dir, "tmp"))
	must(t, err)
	if len(sessions) != 1 {
		t.Errorf("%d sessions in tmp/, want ours alone", len(sessions))
	}
}

// A second Open must not sweep what a living store is writing.
func TestSweepSparesTheLiving(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	p, err := s.b.Create(t.Context())
	must(t, err)
	defer p.Abort()
	_, err = p.Write([]byte("half"))
	must(t, err)
	open(t, dir, Options{})
	_, err = p.Write([]byte(" whole"))
	must(t, err)
	must(t, s.b.Commit(t.Context(), []Finished{{p, Blobs, Sum([]byte("half whole")).Hex()}}))
	_, err = s.Bytes(t.Context(), Sum([]byte("half whole")), 100)
	must(t, err)
}

func TestSingleFlight(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(dir)
		must(t, err)
		defer s.Close()
		var made atomic.Int32
		release := make(chan struct{})
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				_, err := s.Do(t.Context(), patchKey, func(context.Context) (Value, error) {
					made.Add(1)
					<-release
					return Value{}, nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		close(release)
		wg.Wait()
		if made.Load() != 1 {
			t.Errorf("made %d times, want once", made.Load())
		}
		if c := s.Counts()["patch"]; c.Hits != 7 || c.Misses != 1 {
			t.Errorf("counts %+v", c)
		}
	})
}

// Who waits for somebody else's make does not die of that one's cancellation.
func TestFollowerOutlivesCancelledLeader(t *testing.T) {
	for _, broken := range []error{context.Canceled, errors.New("another part of the leader's work failed")} {
		followerOutlives(t, broken)
	}
}

// followerOutlives has the leader cancelled, and end with the error broken.
func followerOutlives(t *testing.T, broken error) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s, err := Open(dir)
		must(t, err)
		defer s.Close()
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := s.Do(ctx, patchKey, func(ctx context.Context) (Value, error) {
				<-ctx.Done()
				return Value{}, broken
			})
			if !errors.Is(err, broken) {
				t.Errorf("leader: got error %v", err)
			}
		})
		synctest.Wait()
		wg.Go(func() {
			v, err := s.Do(t.Context(), patchKey, func(context.Context) (Value, error) {
				return Value{Note: []byte(`1`)}, nil
			})
			if err != nil || string(v.Note) != "1" {
				t.Errorf("follower: got %+v, error %v", v, err)
			}
		})
		synctest.Wait()
		cancel()
		wg.Wait()
	})
}

// A make that panics takes down its caller, not those who wait.
func TestPanicReleasesFollowers(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	func() {
		defer func() { recover() }()
		s.Do(t.Context(), patchKey, func(context.Context) (Value, error) { panic("bug") })
	}()
	if _, err := s.Do(t.Context(), patchKey, func(context.Context) (Value, error) { return Value{}, nil }); err != nil {
		t.Error(err)
	}
}
