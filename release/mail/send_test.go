package mail

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
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
	srv := smtp.NewServer(s)
	srv.Domain = "localhost"
	return serve(t, srv)
}

func serve(t *testing.T, srv *smtp.Server) SMTPConfig {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
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

// wire is a server that gives these answers, by command; "." is the end of the
// data. At an empty one it hangs up, at "…" it says nothing and calls heard.
func wire(t *testing.T, answers map[string]string, heard func()) SMTPConfig {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-done })
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(time.Minute)) // a client that never hangs up fails no other test
		fmt.Fprint(conn, "220 localhost\r\n")
		data := false
		for lines := bufio.NewScanner(conn); lines.Scan(); {
			word, _, _ := strings.Cut(lines.Text(), " ")
			if data && word != "." {
				continue
			}
			answer, ok := answers[word]
			switch {
			case answer == "…":
				heard()
				continue
			case ok && answer == "":
				return
			case !ok && word == "DATA":
				answer = "354 go on"
			case !ok:
				answer = "250 fine"
			}
			data = word == "DATA" && answer[0] == '3'
			fmt.Fprint(conn, answer+"\r\n")
		}
	}()
	return SMTPConfig{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port}
}

// What a server said yes to was sent, whatever comes after; where it says
// nothing, nobody knows.
func TestSendTellsSentFromUnknown(t *testing.T) {
	m, err := Compose(GoToBuild, facts())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		answers map[string]string
		want    string
	}{
		{"no more mails", map[string]string{"RSET": "451 later"}, "sent"},
		{"gone after its yes", map[string]string{"RSET": ""}, "sent"},
		{"no goodbye", map[string]string{"QUIT": "421 busy"}, "sent"},
		{"gone instead of an answer", map[string]string{".": ""}, "unknown"},
		{"an answer that is none", map[string]string{".": "what?"}, "unknown"},
		{"no", map[string]string{".": "451 disk full"}, "temporary"},
		{"never", map[string]string{".": "554 spam"}, "not sent"},
		{"gone before the data", map[string]string{"DATA": ""}, "not sent"},
	} {
		err := Send(t.Context(), wire(t, c.answers, nil), m)
		got := "not sent"
		switch {
		case err == nil:
			got = "sent"
		case errors.As(err, new(*UnknownError)):
			got = "unknown"
		case errors.As(err, new(*TemporaryError)):
			got = "temporary"
		}
		if got != c.want {
			t.Errorf("%s: got %s, want %s: %v", c.name, got, c.want, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cfg := wire(t, map[string]string{".": "…"}, cancel)
	if err := Send(ctx, cfg, m); !errors.As(err, new(*UnknownError)) {
		t.Errorf("told to end while the server decides: %v", err)
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

// guarded is a server with TLS and a password.
type guarded struct {
	server
	user, password string
}

func (g *guarded) NewSession(*smtp.Conn) (smtp.Session, error) { return g, nil }
func (g *guarded) AuthMechanisms() []string                    { return []string{sasl.Plain} }
func (g *guarded) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if g.user, g.password = user, password; password != "canary-secret" {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func TestTheCertificateIsChecked(t *testing.T) {
	cert, roots := selfSigned(t)
	g := &guarded{}
	srv := smtp.NewServer(g)
	srv.Domain = "localhost"
	srv.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
	cfg := serve(t, srv)
	cfg.User, cfg.Password = "release", "canary-secret"
	m, err := Compose(AllStop, facts())
	if err != nil {
		t.Fatal(err)
	}
	if err := Send(context.Background(), cfg, m); err == nil || g.password != "" {
		t.Errorf("a stranger's certificate: %v, told the password %q", err, g.password)
	}
	cfg.TLS = &tls.Config{RootCAs: roots, ServerName: "localhost"}
	if err := Send(context.Background(), cfg, m); err != nil || g.user != "release" || !strings.Contains(g.data, "ALL STOP") {
		t.Errorf("a known certificate: %v, user %q, sent %q", err, g.user, g.data)
	}
	cfg.Password = "other-secret"
	if err := Send(context.Background(), cfg, m); err == nil || strings.Contains(err.Error(), "other-secret") {
		t.Errorf("wrong password: %v", err)
	}
}

func selfSigned(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now() // TLS asks the real clock
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}
