package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"slipway/release/text"
	"slipway/updates/aus"
	"slipway/updates/mar"
)

// asker asks servers as clients do, several questions at a time.
type asker struct {
	client http.Client
	server string // https://aus5.example
	policy aus.URLPolicy
	atOnce int

	mu     sync.Mutex
	bad    []string
	silent []string         // why there was no answer, where there was none
	urls   map[string]int64 // of MARs that were named, with the size that was told
}

func (a *app) updatesLiveCommand() *cobra.Command {
	s := asker{urls: map[string]int64{}}
	cmd := &cobra.Command{
		Use:   "live RELEASE.json DIR SERVER",
		Short: "ask the real servers as every kind of client, and for the first bytes of every package",
		Long: `Asks SERVER what each kind of client would ask (RELEASE.json says who is out there);
it must answer as the files below DIR say. Then every package that it named is asked
for: it must be there, through whatever redirects, with the size that clients are
told, and begin as a MAR does. "updates check" proves before that DIR is right. A
server that cannot be reached is no wrong answer: exit code 10.`,
		Example: `  slipway updates live pub/aus/releases/Skiff-1.1-build1.json pub/aus https://aus.skiff.example`,
		Args:    cobra.ExactArgs(3),
		RunE: func(cmd *cobra.Command, args []string) error {
			release, err := readRelease(args[0])
			if err != nil {
				return usage(fmt.Errorf("%s: %w", args[0], err), "")
			}
			files, err := readAnswers(args[1])
			if err != nil {
				return usage(fmt.Errorf("%s: %w", args[1], err), "")
			}
			s.server = strings.TrimSuffix(args[2], "/")
			if err := s.policy.CheckURL(s.server); err != nil {
				return usage(err, "slipway updates live --help")
			}
			requests, err := aus.Requests(release, files)
			if err != nil {
				return fail(exitCheckFailed, err, "slipway updates check "+args[0]+" "+args[1]+" --map …")
			}
			s.askAll(cmd.Context(), requests)
			all := len(requests) + len(s.urls)
			reasons := slices.Compact(slices.Sorted(slices.Values(s.silent)))
			unreached := len(s.bad) > 0 && len(s.silent) == len(s.bad)
			if unreached && len(reasons) == 1 { // a line each would say it that often
				return fail(exitUnreachable, fmt.Errorf("%d of %d questions got no answer: %s", len(s.bad), all, reasons[0]), "the same command again, once that is mended")
			}
			for _, fault := range s.bad {
				fmt.Fprintln(a.stdout, text.Sanitize(fault))
			}
			if unreached {
				return fail(exitUnreachable, fmt.Errorf("%d of %d questions got no answer", len(s.bad), all), "the same command again, once that is mended")
			}
			if len(s.bad) > 0 {
				return fail(exitCheckFailed, fmt.Errorf("%d of %d questions were not answered as they must be", len(s.bad), all), "")
			}
			fmt.Fprintf(a.stdout, "%d answers are right, %d packages are there\n", len(requests), len(s.urls))
			return nil
		},
	}
	f := cmd.Flags()
	f.BoolVar(&s.policy.AllowHTTP, "allow-http", false, "accept http beside https")
	f.IntVar(&s.atOnce, "at-once", 48, "`N` questions at the same time")
	f.DurationVar(&s.client.Timeout, "timeout", 30*time.Second, "give up on one question after `DURATION`")
	return cmd
}

// askAll asks for the answers, then for the packages that they named.
func (s *asker) askAll(ctx context.Context, requests []aus.Request) {
	s.client.CheckRedirect = func(to *http.Request, via []*http.Request) error {
		if len(via) > 5 {
			return errors.New("redirected too often")
		}
		return s.policy.CheckURL(to.URL.String())
	}
	var answers, packages errgroup.Group
	answers.SetLimit(max(s.atOnce, 1))
	packages.SetLimit(max(s.atOnce, 1))
	for _, q := range requests {
		answers.Go(func() error { s.note(q.Path, s.answer(ctx, q)); return nil })
	}
	_ = answers.Wait() // what is wrong was noted
	for u, size := range s.urls {
		packages.Go(func() error { s.note(u, s.isThere(ctx, u, size)); return nil })
	}
	_ = packages.Wait()
	slices.Sort(s.bad)
}

func (s *asker) note(what string, err error) {
	if err == nil {
		return
	}
	if inner := new(url.Error); errors.As(err, &inner) {
		err = inner.Err // it names the URL once more
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bad = append(s.bad, what+": "+err.Error())
	if network := net.Error(nil); errors.As(err, &network) {
		s.silent = append(s.silent, err.Error())
	}
}

// maxUpdateXML bounds an answer; those of Firefox have less than 2 kB.
const maxUpdateXML = 1 << 20

func (s *asker) answer(ctx context.Context, q aus.Request) error {
	resp, err := s.get(ctx, s.server+q.Path, "")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxUpdateXML))
	if err != nil {
		return err
	}
	got, err := aus.ParseXML(text)
	if err != nil {
		return err
	}
	if !q.Right(got) {
		return fmt.Errorf("answers %s, want %s", brief(got), brief(q.Expect[len(q.Expect)-1]))
	}
	if got != nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, p := range got.Patches {
			s.urls[p.URL] = p.Size
		}
	}
	return nil
}

func brief(u *aus.Update) string {
	if u == nil {
		return "that there is no update"
	}
	text := fmt.Sprintf("%s build ID %s", u.AppVersion, u.BuildID)
	for _, p := range u.Patches {
		text += fmt.Sprintf(", %s %s of %d bytes", p.Type, path.Base(p.URL), p.Size)
	}
	return text
}

// isThere asks by GET, as clients do: a server may know of a file and not have it.
func (s *asker) isThere(ctx context.Context, u string, size int64) error {
	resp, err := s.get(ctx, u, fmt.Sprintf("bytes=0-%d", len(mar.Magic)-1))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	have := resp.ContentLength
	switch resp.StatusCode {
	case http.StatusOK: // a server without ranges; the rest is not read
	case http.StatusPartialContent:
		if _, err := fmt.Sscanf(resp.Header.Get("Content-Range"), "bytes 0-3/%d", &have); err != nil {
			return fmt.Errorf("Content-Range %q: want the file's size", resp.Header.Get("Content-Range"))
		}
	default:
		return errors.New(resp.Status)
	}
	if have < 0 {
		return errors.New("the server tells no length")
	}
	if have != size {
		return fmt.Errorf("has %d bytes, clients are told %d", have, size)
	}
	first := make([]byte, len(mar.Magic))
	if _, err := io.ReadFull(resp.Body, first); err != nil {
		return err
	}
	if string(first) != mar.Magic {
		return fmt.Errorf("begins with %q: no MAR", first)
	}
	return nil
}

func (s *asker) get(ctx context.Context, u, ranged string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, nil)
	if err != nil {
		return nil, err
	}
	if ranged != "" {
		req.Header.Set("Range", ranged)
	}
	return s.client.Do(req)
}
