package standin

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	loop "github.com/stormhooks/stormhooks/e2e/standin"
)

// hooks calls the hook server over HTTP; each call is counted and, as asked,
// recorded to files and logged with its bodies.
func hooks(client *http.Client, count *counters, recordDir string, logBodies bool) loop.Hooks {
	calls := loop.ClientHooks(client)
	var number atomic.Uint64
	return loop.HookFunc(func(ctx context.Context, request loop.HookRequest) (loop.HookResponse, error) {
		start, n := time.Now(), number.Add(1)
		response, err := calls.Call(ctx, request)
		if err == nil {
			count.hookCall(request, response.Code)
		}
		line := []any{"n", n, "hook", request.Hook, "controller", request.Controller, "parent", request.Parent,
			"code", response.Code, "took", time.Since(start).Round(time.Microsecond), "requestBytes", len(request.Body), "responseBytes", len(response.Body)}
		if err != nil {
			line = append(line, "err", err)
		}
		if logBodies {
			line = append(line, "request", string(request.Body), "response", string(response.Body))
		}
		slog.Info("hook", line...)
		if recordDir != "" {
			if err := saveBodies(recordDir, n, request, response); err != nil {
				slog.Error("recording a hook call", "err", err)
			}
		}
		return response, err
	})
}

// saveBodies writes the bodies as two files, to be read and used as test inputs:
// 000017-sync-stormtopology-storm-system-wordcount-request.json and -response.json.
func saveBodies(dir string, n uint64, request loop.HookRequest, response loop.HookResponse) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	name := fmt.Sprintf("%06d-%s-%s-%s-", n, request.Hook, request.Controller, strings.ReplaceAll(request.Parent, "/", "-"))
	for suffix, body := range map[string][]byte{"request.json": request.Body, "response.json": response.Body} {
		var pretty bytes.Buffer
		if json.Indent(&pretty, body, "", "  ") == nil {
			body = append(pretty.Bytes(), '\n')
		}
		if err := os.WriteFile(filepath.Join(dir, name+suffix), body, 0o644); err != nil {
			return err
		}
	}
	return nil
}
