package nimbus

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	gen "github.com/stormhooks/stormhooks/pkg/internal/thrift/storm"
	"github.com/stormhooks/stormhooks/pkg/storm"
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

// limitsOf reads them from the conf of Nimbus and that of the offer. The topology's own
// wait for replicas counts where it has one (Nimbus.java waitForDesiredCodeReplication,
// v2.8.1); the longer one is assumed.
func limitsOf(conf map[string]any, offer submissionOffer) (submissionLimits, error) {
	own, err := decodeConf("submitTopologyWithOpts", strings.NewReader(offer.Conf))
	if err != nil {
		return submissionLimits{}, fmt.Errorf("the conf that main submitted is not a JSON object")
	}
	limits := submissionLimits{Frame: 1 << 20, Submission: 60*time.Second + max(waitIn(conf, storm.DefaultReplicationWait), waitIn(own, 0))}
	if frame := numberOf(conf["nimbus.thrift.max_buffer_size"]); frame > 0 {
		limits.Frame = frame
	}
	return limits, nil
}

// waitIn is a conf's wait for replicas, or another one where it has none.
func waitIn(conf map[string]any, otherwise time.Duration) time.Duration {
	if _, given := conf[storm.ReplicationWait].(json.Number); !given {
		return otherwise
	}
	return storm.ReplicationTime(int64(numberOf(conf[storm.ReplicationWait])))
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

// longestConf is the longest conf that is submitted. Nimbus adds its own conf to it, and
// Stormhooks must be able to read both (maxConf) at each look, in the time of a call:
// otherwise it could not tell whose the topology is, and could neither update nor kill it.
const longestConf = 3 << 20

// longestLocation is the longest location of a JAR that is assumed before Nimbus gives it:
// storm.local.dir, and 62 bytes. It leaves room for the wrong setting of the control, too.
const longestLocation = 512

// checkSize refuses an offer that Nimbus would never answer, or whose conf could not be
// read back.
func (o submissionOffer) checkSize(limits submissionLimits) error {
	o.Location = strings.Repeat("/", longestLocation)
	o.Name = probeName(o.Name) // the longer of its two names
	if size := o.Size(); size > limits.Frame {
		return fmt.Errorf("the topology and its conf make a call of %d bytes, but Nimbus reads at most %d "+
			"(nimbus.thrift.max_buffer_size). Raise that setting of Nimbus, or make the objects in the topology smaller",
			size, limits.Frame)
	}
	if size := len(o.Conf); size > longestConf {
		return fmt.Errorf("the topology's conf has %d bytes, but Stormhooks submits at most %d. "+
			"Make the settings smaller, or put large values into the JAR", size, longestConf)
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
		return conn.exchange(ctx, frame, func() (err error) {
			answer, err = conn.read(maxFrame)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return frameOf(answer), nil
}
