package aus

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slipway/testdata/peer"
)

// webServer is a real web server over a directory, with our rules and nothing
// of its own.
type webServer struct {
	t    *testing.T
	root string
	port int
}

const nginxConf = `daemon off; worker_processes 1; pid nginx.pid; error_log stderr;
events {}
http {
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    include ROOT/update/nginx-rollout-http.conf;
    server {
        listen 127.0.0.1:PORT;
        root ROOT;
        set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For;
        include ROOT/update/nginx-rollout.conf;
    }
}
`

const apacheConf = `ServerRoot DIR
ServerName 127.0.0.1
PidFile apache.pid
Listen 127.0.0.1:PORT
LoadModule mpm_event_module MODULES/mod_mpm_event.so
LoadModule authz_core_module MODULES/mod_authz_core.so
LoadModule rewrite_module MODULES/mod_rewrite.so
LoadModule remoteip_module MODULES/mod_remoteip.so
LoadModule headers_module MODULES/mod_headers.so
ErrorLog /dev/stderr
User www-data
RemoteIPHeader X-Forwarded-For
RemoteIPInternalProxy 127.0.0.1
<VirtualHost *:PORT>
    DocumentRoot ROOT
    Include ROOT/update/apache-rollout.conf
</VirtualHost>
`

// serve starts nginx or apache2 and waits until it answers.
func serve(t *testing.T, program, root string) *webServer {
	t.Helper()
	path := peer.Path(t, program)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &webServer{t: t, root: root, port: l.Addr().(*net.TCPAddr).Port}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	dir := servedDir(t)
	conf, args := nginxConf, []string{"-p", dir, "-c", filepath.Join(dir, "conf"), "-e", "stderr"}
	if program == "apache2" {
		conf, args = apacheConf, []string{"-X", "-f", filepath.Join(dir, "conf")}
	}
	conf = strings.NewReplacer("ROOT", root, "PORT", fmt.Sprint(s.port), "MODULES", "/usr/lib/apache2/modules", "DIR", dir).Replace(conf)
	if err := os.WriteFile(filepath.Join(dir, "conf"), []byte(conf), 0o644); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Stderr = &said
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // it takes its workers along
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	gone := make(chan error, 1)
	go func() { gone <- cmd.Wait() }()
	t.Cleanup(func() {
		<-gone // the test's context has ended
		gone <- nil
	})
	for {
		c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.port))
		if err == nil {
			c.Close()
			return s
		}
		select {
		case err := <-gone:
			gone <- err
			t.Fatalf("%s: %v\n%s", program, err, said.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// servedDir is a directory that a server's own user may read.
func servedDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "aus-")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// ask is the version that a client at an address is offered, "" for none. An
// IPv6 address comes through a proxy.
func (s *webServer) ask(address, path string) string {
	s.t.Helper()
	dialer := net.Dialer{}
	if ip := net.ParseIP(address); ip.To4() != nil {
		dialer.LocalAddr = &net.TCPAddr{IP: ip}
	}
	client := http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, to string) (net.Conn, error) {
			return dialer.DialContext(ctx, "tcp", to)
		},
	}}
	req, err := http.NewRequest("GET", fmt.Sprintf("http://127.0.0.1:%d%s", s.port, path), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if dialer.LocalAddr == nil {
		req.Header.Set("X-Forwarded-For", address)
	}
	resp, err := client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxXML))
	if err != nil || resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/xml") {
		s.t.Fatalf("%s: %s %s %v\n%s", path, resp.Status, resp.Header, err, body)
	}
	u, err := ParseXML(body)
	if err != nil {
		s.t.Fatal(err)
	}
	if u == nil {
		return ""
	}
	return u.AppVersion
}

func (s *webServer) write(name, text string) {
	s.t.Helper()
	path := filepath.Join(s.root, filepath.FromSlash(name))
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		s.t.Fatal(err)
	}
}
