package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The whole program on a port of its own: started with flags, called, stopped.
func TestServe(t *testing.T) {
	reader, writer := io.Pipe()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	command := newCommand()
	command.SetErr(writer)
	command.SetArgs([]string{"serve", "--listen=127.0.0.1:0", "--helper-image=stormhooks/stormhooks:test", "--log-level=debug"})
	done := make(chan error, 1)
	go func() { done <- command.ExecuteContext(ctx) }()

	lines := bufio.NewScanner(reader)
	var address string
	for address == "" && lines.Scan() {
		if found := regexp.MustCompile(`serving hooks" address=(\S+)`).FindStringSubmatch(lines.Text()); found != nil {
			address = found[1]
		}
	}
	go func() { _, _ = io.Copy(io.Discard, reader) }()
	for path, want := range map[string]int{"/healthz": 200, "/topology/sync": 400} {
		method := map[bool]string{true: http.MethodGet, false: http.MethodPost}[path == "/healthz"]
		request, err := http.NewRequestWithContext(ctx, method, "http://"+address+path, strings.NewReader("junk"))
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%s %s: %d, want %d", method, path, response.StatusCode, want)
		}
	}
	http.DefaultClient.CloseIdleConnections()
	cancel()
	if err := <-done; err != nil {
		t.Errorf("serve ended with %v", err)
	}
}

func TestServeRejectsWrongFlags(t *testing.T) {
	cases := map[string]struct {
		args []string
		want string
	}{
		"no helper image":    {nil, "--helper-image is missing. Set it to the image"},
		"unknown level":      {[]string{"--log-level=loud"}, `--log-level is "loud"; must be debug, info, warn or error`},
		"unknown mount":      {[]string{"--helper-image=x", "--helper-mount=copy"}, `--helper-mount: "copy" is not one of auto, image-volume and init-container`},
		"unknown format":     {[]string{"--log-format=xml"}, `--log-format is "xml"; must be text or json`},
		"an impossible port": {[]string{"--helper-image=x", "--listen=127.0.0.1:99999"}, "listening on --listen=127.0.0.1:99999"},
		"an argument":        {[]string{"please"}, "unknown command"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			command := newCommand()
			command.SetErr(&bytes.Buffer{})
			command.SetArgs(append([]string{"serve"}, c.args...))
			err := command.ExecuteContext(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
}

func TestVersion(t *testing.T) {
	var out bytes.Buffer
	command := newCommand()
	command.SetOut(&out)
	command.SetArgs([]string{"version"})
	if err := command.Execute(); err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^stormhooks unknown \(go1\.\S+, \w+/\w+\)\n$`).MatchString(out.String()) {
		t.Errorf("version prints %q", out.String())
	}
}
