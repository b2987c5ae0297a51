package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/spf13/cobra"

	"github.com/stormhooks/stormhooks/hooks"
	"github.com/stormhooks/stormhooks/pkg/preview"
	"github.com/stormhooks/stormhooks/pkg/topology"
)

// serveOptions are the flags of serve.
type serveOptions struct {
	listen      string
	helperImage string
	helperMount string
	logLevel    string
	logFormat   string
	door        hooks.DoorFiles
	nimbus      hooks.NimbusFiles
}

const helperMountUsage = "how pods get the helper: image-volume (the helper image is mounted), init-container (one copies it), or auto (image-volume in extractionMode image-volume, else init-container). " +
	"Where the nodes' container runtime does not run programs of a mounted image (noexec), pods do not start, and topologies report ImageVolumeUnsupported: set init-container"

func newServeCommand() *cobra.Command {
	var options serveOptions
	command := &cobra.Command{
		Use:   "serve",
		Short: "Answer the hook calls of Metacontroller",
		Args:  cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			return serve(command.Context(), options, command.ErrOrStderr())
		},
	}
	flags := command.Flags()
	flags.StringVar(&options.listen, "listen", ":8080", "address to listen on")
	flags.StringVar(&options.helperImage, "helper-image", "", "image with this binary as /stormhooks, which the pods of topologies run (required)")
	flags.StringVar(&options.helperMount, "helper-mount", string(topology.HelperMountAuto), helperMountUsage)
	flags.StringVar(&options.door.Cert, "tls-cert-file", "", "certificate of this server with its chain, in PEM format; with --tls-key-file the server uses TLS")
	flags.StringVar(&options.door.Key, "tls-key-file", "", "key of --tls-cert-file")
	flags.StringVar(&options.door.ClientCA, "client-ca-file", "", "CA of the client certificates of callers (clientTLS of a webhook); other callers are rejected")
	flags.StringVar(&options.door.Token, "token-file", "", "file with the bearer token of callers (authorization of a webhook); other callers are rejected")
	flags.StringVar(&options.nimbus.Cert, "nimbus-cert-file", "", "client certificate for a Nimbus with TLS (spec.nimbus.tls of a StormCluster), in PEM format")
	flags.StringVar(&options.nimbus.Key, "nimbus-key-file", "", "key of --nimbus-cert-file")
	flags.StringVar(&options.logLevel, "log-level", "info", "debug, info, warn or error; debug logs every call")
	flags.StringVar(&options.logFormat, "log-format", "text", "text or json")
	return command
}

// serve runs until the context ends, and then stops gracefully.
func serve(ctx context.Context, options serveOptions, out io.Writer) error {
	log, err := newLog(options, out)
	if err != nil {
		return err
	}
	if options.helperImage == "" {
		return fmt.Errorf("--helper-image is missing. Set it to the image of this server, for example stormhooks/stormhooks:%s", version)
	}
	mount, err := topology.ParseHelperMount(options.helperMount)
	if err != nil {
		return fmt.Errorf("--helper-mount: %w", err)
	}
	door, err := hooks.NewDoor(options.door, log)
	if err != nil {
		return err
	}
	identity, err := hooks.NimbusIdentity(options.nimbus, log)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", options.listen)
	if err != nil {
		return fmt.Errorf("listening on --listen=%s: %w", options.listen, err)
	}
	storms := hooks.NewStorms(identity...)
	defer storms.Close()
	metrics := hooks.NewMetrics()
	metrics.Built(version)
	calls := &hooks.Hooks{
		Storms:      storms,
		Now:         time.Now,
		HelperImage: options.helperImage,
		HelperMount: mount,
		Log:         log,
		Metrics:     metrics,
	}
	log.Info("stormhooks", "version", version, "helperImage", options.helperImage, "helperMount", mount)
	server := hooks.NewServer(calls, metrics, log)
	server.Door = door
	return server.Serve(ctx, listener)
}

func newLog(options serveOptions, out io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(options.logLevel)); err != nil {
		return nil, fmt.Errorf("--log-level is %q; must be debug, info, warn or error", options.logLevel)
	}
	handling := &slog.HandlerOptions{Level: level, ReplaceAttr: cleaned}
	switch options.logFormat {
	case "text":
		return slog.New(slog.NewTextHandler(out, handling)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(out, handling)), nil
	}
	return nil, fmt.Errorf("--log-format is %q; must be text or json", options.logFormat)
}

// cleaned lets no text of a caller or of a Storm reach a terminal as it is (Must 10). Only a
// stack keeps its lines.
func cleaned(_ []string, a slog.Attr) slog.Attr {
	switch value := a.Value.Any().(type) {
	case error:
		a.Value = slog.StringValue(preview.Line(value.Error()))
	case string:
		if a.Key != "stack" {
			a.Value = slog.StringValue(preview.Line(value))
		}
	}
	return a
}
