package nimbus

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	gen "github.com/stormhooks/stormhooks/pkg/internal/thrift/storm"
)

// submissionLimits are the limits of submissions in Nimbus's own conf.
type submissionLimits struct {
	// Frame is the largest call that Nimbus reads. A larger one gets no answer,
	// no close and no line in its log.
	Frame int
	// Submission is how long a submission may take: Nimbus answers it only after the
	// topology's blobs are replicated.
	Submission time.Duration
}

// limitsOf reads them, with Storm's defaults for missing ones (conf/defaults.yaml,
// v2.8.1).
func limitsOf(conf map[string]any) submissionLimits {
	limits := submissionLimits{Frame: 1 << 20, Submission: 60 * time.Second}
	if frame := numberOf(conf["nimbus.thrift.max_buffer_size"]); frame > 0 {
		limits.Frame = frame
	}
	if _, given := conf["topology.max.replication.wait.time.sec"].(json.Number); given {
		// Below 1 Storm waits without end. Stormhooks does not.
		if wait := numberOf(conf["topology.max.replication.wait.time.sec"]); wait > 0 {
			limits.Submission = time.Duration(min(wait, 3600)) * time.Second
		} else {
			limits.Submission = time.Hour
		}
	}
	limits.Submission += 60 * time.Second
	return limits
}

// submitRaw makes the offer to the leader, and never repeats it: after a lost answer
// only a look shows whether it succeeded.
func (c *Client) submitRaw(ctx context.Context, offer submissionOffer, limit time.Duration) error {
	var result gen.NimbusSubmitTopologyWithOptsResult
	const method = "submitTopologyWithOpts"
	request := c.once(method)
	request.limit = limit
	err := request.do(ctx, func(ctx context.Context, conn *conn) (bool, error) {
		conn.seq++
		return conn.callRaw(ctx, method, offer.frame(conn.seq), &result)
	})
	switch {
	case err != nil:
		return err
	case result.E != nil:
		return typed(method, result.E)
	case result.Ite != nil:
		return typed(method, result.Ite)
	case result.Aze != nil:
		return typed(method, result.Aze)
	}
	return nil
}

// dryRun asks Nimbus whether it would accept the offer: the same call under an unused
// name, without credentials, with a JAR that cannot exist. Nimbus reads the JAR last
// (Nimbus.java submitTopologyWithOpts, v2.8.1) and fails there with an untyped error,
// which counts as yes if the same Nimbus still leads. A no is an InvalidTopologyError
// or an AuthorizationError.
func (c *Client) dryRun(ctx context.Context, offer submissionOffer, limit time.Duration) error {
	options, err := rewriteOptions(offer.Options, int32(gen.TopologyInitialStatus_INACTIVE), false)
	if err != nil {
		return err
	}
	before, err := c.Leader(ctx)
	if err != nil {
		return err
	}
	offer.Name, offer.Options = probeName(offer.Name), options
	offer.Location = "/dev/null/" + offer.Name + ".jar" // no file exists below a file
	err = c.submitRaw(ctx, offer, limit)
	var untyped *UntypedError
	switch {
	case err == nil:
		// No Storm does this. If one did, its topology could never have a JAR.
		none := int32(0)
		return c.Kill(ctx, offer.Name, &none)
	case !errors.As(err, &untyped):
		return err
	}
	after, err := c.Leader(ctx)
	if err != nil {
		return err
	}
	if !after.Same(before) {
		return untyped
	}
	return nil
}

// probeName is a name for the dry run that no topology has.
func probeName(name string) string {
	var random [6]byte
	_, _ = rand.Read(random[:]) // never fails (crypto/rand)
	return name + "--stormhooks-probe-" + hex.EncodeToString(random[:])
}

// checkSize refuses an offer that Nimbus would never answer.
func (o submissionOffer) checkSize(limits submissionLimits) error {
	o.Location = "/a/location/that/is/longer/than/nimbus/makes/them/for/an/uploaded/jar"
	o.Name = probeName(o.Name) // the longer of its two names
	if size := o.Size(); size > limits.Frame {
		return fmt.Errorf("the topology and its conf make a call of %d bytes, but Nimbus reads at most %d "+
			"(nimbus.thrift.max_buffer_size). Raise that setting of Nimbus, or make the objects in the topology smaller",
			size, limits.Frame)
	}
	return nil
}

// passedOnLimit is longer than main may run: what is passed on for main has the rest of
// main's time, and ends with the context.
const passedOnLimit = 25 * time.Hour

// forward passes a frame on to the leader unchanged, and returns the answer.
func (c *Client) forward(ctx context.Context, method string, body []byte) (answer []byte, err error) {
	frame := frameOf(body)
	err = c.change(method).atLeast(passedOnLimit).do(ctx, func(ctx context.Context, conn *conn) (bool, error) {
		var sent bool
		answer, sent, err = conn.exchange(ctx, frame, maxFrame)
		return sent, err
	})
	if err != nil {
		return nil, err
	}
	return frameOf(answer), nil
}
