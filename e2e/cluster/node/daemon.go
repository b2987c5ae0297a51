package node

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/stormhooks/stormhooks/e2e/cluster/place"
	"github.com/stormhooks/stormhooks/e2e/cluster/run"
)

// Stop ends one of the cluster's programs, such as kubelet, at once. While it is
// stopped Running says no: hold Lock during that time, so that no other run takes this for a
// cluster to be started again.
func Stop(name string) error {
	for _, process := range run.Recorded(place.State("pid")) {
		if process.Name == name {
			process.Kill()
			return nil
		}
	}
	return fmt.Errorf("no program %s of the cluster is on record in %s", name, place.State("pid"))
}

// StartAgain starts a program that was stopped, as it was started before.
func StartAgain(name string) error {
	for _, d := range append(early(), late()...) {
		if d.name == name {
			return startAll([]daemon{d})
		}
	}
	return fmt.Errorf("%s is none of the cluster's programs", name)
}

// Revive starts again whatever of the cluster's programs has ended, as a kubelet
// does with the static pods that they are elsewhere: for example, the scheduler ends when
// the API server did not answer for longer than its lease.
func Revive() error {
	for _, process := range run.Recorded(place.State("pid")) {
		if process.Alive() {
			continue
		}
		if err := StartAgain(process.Name); err != nil {
			return err
		}
	}
	return nil
}

// Mirror leads pulls of images of a registry's name to an address, until undo.
func Mirror(registry, address string) (undo func() error, err error) {
	folder := place.State("certs.d", registry)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	text := fmt.Sprintf("server = \"http://%[1]s\"\n\n[host.\"http://%[1]s\"]\n  capabilities = [\"pull\", \"resolve\"]\n", address)
	return func() error { return os.RemoveAll(folder) }, os.WriteFile(filepath.Join(folder, "hosts.toml"), []byte(text), 0o644)
}
