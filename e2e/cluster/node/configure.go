package node

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"text/template"

	"github.com/stormhooks/stormhooks/e2e/cluster/images"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
	"github.com/stormhooks/stormhooks/e2e/cluster/volumes"
)

//go:embed files
var files embed.FS

// StorageClass is the default one of the cluster.
const StorageClass = "local"

// facts fill the configuration files.
type facts struct {
	State, IP, Registry, Pods, Pause, Runc, Cgroup string
	Class, Provisioner                             string
	CA, Token                                      string
}

func newFacts() (facts, error) {
	runc, err := exec.LookPath("runc")
	if err != nil {
		return facts{}, err
	}
	token := make([]byte, 16)
	if _, err := rand.Read(token); err != nil {
		return facts{}, err
	}
	return facts{
		State: place.State(), IP: IP, Registry: Registry, Pods: pods, Pause: images.Pause,
		Runc: runc, Cgroup: cgroupRoot, Class: StorageClass, Provisioner: volumes.Name,
		Token: hex.EncodeToString(token),
	}, nil
}

// configure writes all that can be written before the API server has made its
// certificate.
func (f facts) configure() error {
	for _, dir := range []string{"etcd", "pki/apiserver", "pki/kubelet", "logs", "kubelet", "cni", "run", "pid", "volumes", "certs.d/_default"} {
		if err := os.MkdirAll(place.State(dir), 0o755); err != nil {
			return err
		}
	}
	for name, to := range map[string]string{
		"containerd.toml": "containerd.toml", "hosts.toml": "certs.d/_default/hosts.toml",
		"10-bridge.conflist": "cni/10-bridge.conflist", "Corefile": "Corefile",
		"kubelet.yaml": "kubelet.yaml", "kube-proxy.yaml": "kube-proxy.yaml",
		"storageclass.yaml": "storageclass.yaml",
	} {
		if err := f.write(name, to); err != nil {
			return err
		}
	}
	if err := os.WriteFile(place.State("pki", "tokens.csv"), []byte(f.Token+",admin,admin,system:masters\n"), 0o600); err != nil {
		return err
	}
	return serviceAccountKey()
}

// kubeconfig trusts the certificate that the API server made for itself.
func (f facts) kubeconfig() error {
	ca, err := os.ReadFile(apiServerCertificate())
	if err != nil {
		return err
	}
	f.CA = base64.StdEncoding.EncodeToString(ca)
	return f.write("kubeconfig", "kubeconfig")
}

func apiServerCertificate() string { return place.State("pki", "apiserver", "apiserver.crt") }

func (f facts) write(name, to string) error {
	text, err := files.ReadFile("files/" + name)
	if err != nil {
		return err
	}
	parsed, err := template.New(name).Option("missingkey=error").Parse(string(text))
	if err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, f); err != nil {
		return fmt.Errorf("filling %s: %w", name, err)
	}
	path := filepath.Join(f.State, to)
	if err := os.WriteFile(path+".draft", out.Bytes(), 0o600); err != nil {
		return err
	}
	return os.Rename(path+".draft", path)
}

// serviceAccountKey signs the tokens of service accounts.
func serviceAccountKey() error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return err
	}
	private := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	if err := os.WriteFile(place.State("pki", "sa.key"), private, 0o600); err != nil {
		return err
	}
	return os.WriteFile(place.State("pki", "sa.pub"), pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}), 0o644)
}
