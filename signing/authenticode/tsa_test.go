package authenticode

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"slipway/testdata/peer"
)

// tsaServer answers with what openssl makes of the question.
type tsaServer struct {
	*httptest.Server
	cert *x509.Certificate
	dir  string
}

const tsaConfig = `[tsa]
default_tsa = here
[here]
serial = DIR/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = yes
tsa_name = yes
`

func newTSA(t *testing.T, root *person) *tsaServer {
	openssl := peer.Path(t, "openssl")
	key := ecKey(t)
	p := issue(t, root, key, func(c *x509.Certificate) {
		c.Subject.CommonName = "Skiff Time"
		// RFC 3161 §2.3 wants the extension critical, which ExtKeyUsage cannot say.
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: true, Value: []byte{0x30, 0x0a, 0x06, 8, 0x2b, 6, 1, 5, 5, 7, 3, 8}}}
	})
	s := &tsaServer{cert: p.cert, dir: t.TempDir()}
	config := write(t, s.dir, "tsa.cnf", []byte(strings.ReplaceAll(tsaConfig, "DIR", s.dir)))
	write(t, s.dir, "serial", []byte("01\n"))
	signer, chain := write(t, s.dir, "tsa.pem", certPEM(p.cert)), write(t, s.dir, "chain.pem", certPEM(root.cert))
	secret := write(t, s.dir, "tsa.key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(key))(t)}))
	reply := func(query []byte) []byte {
		in, out := filepath.Join(s.dir, "q"), filepath.Join(s.dir, "a")
		if err := os.WriteFile(in, query, 0o600); err != nil {
			t.Error(err)
		}
		cmd := exec.Command(openssl, "ts", "-reply", "-config", config, "-queryfile", in, "-signer", signer, "-inkey", secret, "-chain", chain, "-out", out)
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("openssl ts: %v\n%s", err, said)
		}
		b, err := os.ReadFile(out)
		if err != nil {
			t.Error(err)
		}
		return b
	}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/timestamp-reply")
		switch r.URL.Path {
		case "/busy":
			http.Error(w, "later", http.StatusServiceUnavailable)
		case "/page":
			w.Header().Set("Content-Type", "text/html")
			io.WriteString(w, "<p>Welcome to our hotel's wireless network")
		case "/refuse":
			w.Write(reply([]byte("no query")))
		case "/replay": // of something else, with its nonce
			w.Write(reply(request([]byte("another"), serials)))
		case "/other":
			q := query[:len(query):len(query)]
			i := strings.Index(string(q), "\x04\x20")
			q[i+5] ^= 1
			w.Write(reply(q))
		case "/endless":
			for range maxAnswer + 2 {
				w.Write([]byte{0x30})
			}
		case "/cut":
			b := reply(query)
			w.Write(b[:len(b)/2])
		default:
			w.Write(reply(query))
		}
	}))
	t.Cleanup(s.Close)
	return s
}
