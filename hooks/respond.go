package hooks

import (
	"errors"
	"math"
	"net/http"
	"strconv"

	"github.com/stormhooks/stormhooks/hooks/internal/storms"
	"github.com/stormhooks/stormhooks/pkg/metacontroller"
)

// Why a call has no answer of a hook. Metacontroller shows the texts in an event on
// the parent, so they have nothing of the body.
var (
	errNoRoute  = errors.New("unknown path. The hooks are /topology/ and /cluster/ with customize, sync and finalize")
	errMethod   = errors.New("hooks are called by POST, /healthz, /readyz and /metrics by GET")
	errUnread   = errors.New("the request body could not be read completely")
	errBusy     = errors.New("too many calls at once")
	errStopping = errors.New("this server is stopping")
	errNotReady = errors.New("stopping")
)

// tooLargeText is what kubectl describe shows. The API server stores no object of 4 MiB,
// unless its limits were raised.
const tooLargeText = "one object of the request is larger than 4 MiB, or the request is larger than the hook server reads. " +
	"Make this object and its Jobs and pods smaller. Delete pods that have ended: kubectl delete pods -l storm.apache.org/topology=NAME --field-selector=status.phase!=Running"

// status picks the status code. The problem of a user or of a cluster is not an
// error: it is an answer with a condition, and 200.
func status(err error) int {
	var busy *storms.BusyError
	var tooLarge *http.MaxBytesError
	switch {
	case errors.Is(err, errBusy), errors.Is(err, errStopping), errors.As(err, &busy):
		// Metacontroller retries after Retry-After, without an event and without
		// a growing backoff (metacontroller: pkg/hooks/webhook.go).
		return http.StatusTooManyRequests
	case errors.As(err, &tooLarge), errors.Is(err, metacontroller.ErrLargePart):
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

// respond writes the answer of a hook.
func respond(w http.ResponseWriter, answer []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	// A caller that has left is not an error, and cannot be told.
	_, _ = w.Write(answer)
}

func respondError(w http.ResponseWriter, err error) {
	code := status(err)
	if code == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", retryIn(err))
	}
	if errors.Is(err, errStopping) {
		// So that the next call reaches another pod.
		w.Header().Set("Connection", "close")
	}
	text := err.Error()
	switch code {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", "Bearer")
	case http.StatusInternalServerError:
		text = "internal error. The log of the hook server says more"
	case http.StatusRequestEntityTooLarge:
		text = tooLargeText
	case http.StatusBadRequest:
		text = "not a hook request of Metacontroller"
	}
	http.Error(w, text, code)
}

// retryIn is when to retry, in seconds.
func retryIn(err error) string {
	var busy *storms.BusyError
	if errors.As(err, &busy) {
		return strconv.Itoa(max(1, int(math.Ceil(busy.RetryAfter.Seconds()))))
	}
	return strconv.Itoa(int(retryAfter.Seconds()))
}

func respondText(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(text + "\n"))
}
