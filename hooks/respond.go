package hooks

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/stormhooks/stormhooks/pkg/metacontroller"
)

// Why a call is not answered by a hook. The texts are what Metacontroller shows
// in an event on the parent, so they hold nothing of the body.
var (
	errNoRoute  = errors.New("no such path. The hooks are /topology/ and /cluster/ with customize, sync and finalize")
	errMethod   = errors.New("hooks are called by POST, /healthz, /readyz and /metrics by GET")
	errTooLarge = errors.New("the request is larger than 8 MiB")
	errUnread   = errors.New("the request could not be read whole")
	errBusy     = errors.New("too many calls at once")
	errStopping = errors.New("this server is stopping")
	errNotReady = errors.New("stopping")
)

// status picks the status code. A user's or a cluster's problem never comes
// here: it is an answer with a condition, and 200.
func status(err error) int {
	var away *turnedAway
	switch {
	case err == nil:
		return http.StatusOK
	case errors.Is(err, errBusy), errors.Is(err, errStopping), errors.As(err, &away):
		// Metacontroller asks again after Retry-After, without an event and
		// without a growing backoff (metacontroller: pkg/hooks/webhook.go).
		return http.StatusTooManyRequests
	case errors.Is(err, errTooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, errUnread), errors.Is(err, metacontroller.ErrBadRequest):
		return http.StatusBadRequest
	case errors.Is(err, errNoToken):
		return http.StatusUnauthorized
	case errors.Is(err, errNoCertificate):
		return http.StatusForbidden
	case errors.Is(err, errNoRoute):
		return http.StatusNotFound
	case errors.Is(err, errMethod):
		return http.StatusMethodNotAllowed
	case errors.Is(err, errNotReady):
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}

// respond writes the answer of a hook, or what stands in its place.
func respond(w http.ResponseWriter, answer []byte, err error) int {
	if err != nil {
		return respondError(w, err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	// A caller that has gone is no error of ours, and there is nobody to tell.
	_, _ = w.Write(answer)
	return http.StatusOK
}

func respondError(w http.ResponseWriter, err error) int {
	code := status(err)
	if code == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", after(err))
	}
	if errors.Is(err, errStopping) {
		// The next call is to find another pod.
		w.Header().Set("Connection", "close")
	}
	text := err.Error()
	switch code {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	case http.StatusInternalServerError:
		text = "internal error. The log of the hook server says more"
	case http.StatusBadRequest:
		text = "not a hook request of Metacontroller"
	}
	http.Error(w, text, code)
	return code
}

// after is when to come again, in seconds.
func after(err error) string {
	var away *turnedAway
	if errors.As(err, &away) {
		return strconv.Itoa(away.after)
	}
	return retryAfter
}

func respondText(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(text + "\n"))
}
