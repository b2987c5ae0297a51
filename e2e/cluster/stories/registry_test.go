package stories

import (
	"context"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/stormhooks/stormhooks/e2e/cluster/images"
	"github.com/stormhooks/stormhooks/e2e/cluster/node"
	"github.com/stormhooks/stormhooks/e2e/cluster/registry"
)

// registry up|down: a registry of this story's own, for images of the name
// registry.$NS.example/….
func (w *world) registry(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: registry up|down")
	}
	w.mutex.Lock()
	defer w.mutex.Unlock()
	own := w.registries[ts.Getenv("NS")]
	if own == nil {
		made, undo, err := newRegistry(ts.Getenv("NS"))
		ts.Check(err)
		own = made
		w.registries[ts.Getenv("NS")] = own
		ts.Defer(func() {
			if err := undo(); err != nil {
				ts.Logf("%v", err)
			}
		})
	}
	switch args[0] {
	case "up":
		ts.Check(own.up())
	case "down":
		own.down()
	}
}

// newRegistry leads pulls of registry.NAMESPACE.example/… to a registry that is
// still down. undo removes it.
func newRegistry(namespace string) (own *ownRegistry, undo func() error, err error) {
	own = &ownRegistry{handler: registry.Handler(images.BlobFolder(), registry.Login{}, io.Discard)}
	// The address stays the same when the registry is away.
	listener, err := net.Listen("tcp", node.Machine+":0")
	if err != nil {
		return nil, nil, err
	}
	own.address = listener.Addr().String()
	if err := listener.Close(); err != nil {
		return nil, nil, err
	}
	mirrored, err := node.Mirror("registry."+namespace+".example", own.address)
	if err != nil {
		return nil, nil, err
	}
	return own, func() error {
		own.down()
		return mirrored()
	}, nil
}

type ownRegistry struct {
	address string
	handler http.Handler
	server  *http.Server
}

func (r *ownRegistry) up() error {
	listener, err := net.Listen("tcp", r.address)
	if err != nil {
		return err
	}
	r.server = &http.Server{Handler: r.handler, ReadHeaderTimeout: 10 * time.Second}
	go r.server.Serve(listener)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return images.PushOfStories(ctx, r.address)
}

func (r *ownRegistry) down() {
	if r.server != nil {
		r.server.Close()
		r.server = nil
	}
}
