package standin

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
)

// HandlerHooks calls a hook server that lives in this process: no socket, no
// goroutine, so a simulation stays deterministic. The URL's path picks the route.
func HandlerHooks(handler http.Handler) Hooks {
	return HookFunc(func(ctx context.Context, request HookRequest) (HookResponse, error) {
		target, err := url.Parse(request.URL)
		if err != nil {
			return HookResponse{}, fmt.Errorf("parsing hook URL %q: %w", request.URL, err)
		}
		post := httptest.NewRequestWithContext(ctx, http.MethodPost, target.String(), bytes.NewReader(request.Body))
		post.Header.Set("Content-Type", "application/json")
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, post)
		return HookResponse{Code: answer.Code, Header: answer.Header(), Body: answer.Body.Bytes()}, nil
	})
}

// ClientHooks calls a hook server over HTTP, each call within its own timeout.
func ClientHooks(client *http.Client) Hooks {
	return HookFunc(func(ctx context.Context, request HookRequest) (HookResponse, error) {
		ctx, cancel := context.WithTimeout(ctx, request.Timeout)
		defer cancel()
		post, err := http.NewRequestWithContext(ctx, http.MethodPost, request.URL, bytes.NewReader(request.Body))
		if err != nil {
			return HookResponse{}, err
		}
		post.Header.Set("Content-Type", "application/json")
		answer, err := client.Do(post)
		if err != nil {
			return HookResponse{}, err
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			return HookResponse{}, fmt.Errorf("reading the body: %w", err)
		}
		return HookResponse{Code: answer.StatusCode, Header: answer.Header, Body: body}, nil
	})
}
