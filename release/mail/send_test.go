package mail

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
)

// server is a working mail server that keeps what it is given.
type server struct {
	from  string
	to    []string
	data  string
	rcpt  error // its answer to each recipient
	after error // its answer to the data
}

func (s *server) NewSession(*smtp.Conn) (smtp.Session, error) { return s, nil }
func (s *server) Reset()                                      {}
func (s *server) Logout() error                               { return nil }
func (s *server) Mail(from string, _ *smtp.MailOptions) error { s.from = from; return nil }
func (s *server) Rcpt(to string, _ *smtp.RcptOptions) (err error) {
	s.to = append(s.to, to)
	return s.rcpt
}

func (s *server) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	s.data = string(b)
	if s.after != nil {
		return s.after
	}
	return err
}

func start(t *testing.T, s *server) SMTPConfig {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := smtp.NewServer(s)
	srv.Domain = "localhost"
	done := make(chan struct{})
	go func() { srv.Serve(l); close(done) }()
	t.Cleanup(func() { srv.Close(); <-done })
	return SMTPConfig{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port}
}

func TestSendGivesTheServerTheFile(t *testing.T) {
	s := &server{}
	cfg := start(t, s)
	m, err := Compose(GoToBuild, facts())
	if err != nil {
		t.Fatal(err)
	}
	if err := Send(context.Background(), cfg, m); err != nil {
		t.Fatal(err)
	}
	eml, err := m.EML()
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimRight(s.data, "\r\n") != strings.TrimRight(string(eml), "\r\n") {
		t.Errorf("the server got\n%s\nwant\n%s", s.data, eml)
	}
	if s.from != "release@skiff.example" || strings.Join(s.to, " ") != "release-all@skiff.example qa@skiff.example" {
		t.Errorf("envelope: %s to %s", s.from, s.to)
	}
}

func TestSendTellsTemporaryFromPermanent(t *testing.T) {
	m, err := Compose(GoToBuild, facts())
	if err != nil {
		t.Fatal(err)
	}
	var temp *TemporaryError
	cfg := start(t, &server{after: &smtp.SMTPError{Code: 451, Message: "disk full"}})
	if err := Send(context.Background(), cfg, m); !errors.As(err, &temp) || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("451: %v", err)
	}
	cfg = start(t, &server{rcpt: &smtp.SMTPError{Code: 550, Message: "no such list"}})
	if err := Send(context.Background(), cfg, m); err == nil || errors.As(err, &temp) || !strings.Contains(err.Error(), "no such list") {
		t.Errorf("550: %v", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cfg.Port = l.Addr().(*net.TCPAddr).Port
	l.Close()
	if err := Send(context.Background(), cfg, m); !errors.As(err, &temp) {
		t.Errorf("nobody there: %v", err)
	}
}

func TestPasswordsGoOnlyThroughTLS(t *testing.T) {
	s := &server{}
	cfg := start(t, s)
	cfg.User, cfg.Password = "release", "canary-secret"
	m, err := Compose(GoToBuild, facts())
	if err != nil {
		t.Fatal(err)
	}
	if err := Send(context.Background(), cfg, m); err == nil || strings.Contains(err.Error(), "canary") || s.data != "" {
		t.Errorf("plain text: %v, sent %q", err, s.data)
	}
}
