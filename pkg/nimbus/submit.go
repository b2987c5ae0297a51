package nimbus

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
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
	own, err := decodeConf("submitTopologyWithOpts", offer.Conf)
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

// dryRun asks Nimbus whether it would accept the offer: the same call under an unused
// name, without credentials, with a JAR that cannot exist. A no is an
// InvalidTopologyError or an AuthorizationError. Rules of a Storm may judge the name
// (nimbus.topology.validator, nimbus.authorizer). So a no is checked under
// a name that nearly any rule for the real one accepts. A no that is about names alone
// does not count: then the dry run proves nothing, and onlyNames is what Nimbus said.
func (c *Client) dryRun(ctx context.Context, offer submissionOffer, limit time.Duration) (onlyNames string, err error) {
	name, alike := probeName(offer.Name), similarName(offer.Name)
	first := c.probe(ctx, offer, name, limit)
	if answerOf(storm.DoProbe, first) != storm.Refused {
		return "", first
	}
	second := c.probe(ctx, offer, alike, limit)
	switch {
	case answerOf(storm.DoProbe, second) != storm.Refused:
		return "", second
	case as[*AuthorizationError](second):
		// Nimbus authorizes a name before it finds it in use (Nimbus.java
		// submitTopologyWithOpts, v2.8.1), and says that in words with the name.
		if real := c.probe(ctx, offer, offer.Name, limit); real != nil && !as[*AlreadyAliveError](real) {
			return "", real
		}
		return first.Error(), nil
	case !strings.Contains(second.Error(), alike):
		return "", second
	case !strings.Contains(first.Error(), name):
		return "", first
	}
	return first.Error(), nil
}

// probe is a dry run under a name. Nimbus reads the JAR last (Nimbus.java
// submitTopologyWithOpts, v2.8.1) and fails there with an untyped error, which counts as
// yes if the same Nimbus still leads.
func (c *Client) probe(ctx context.Context, offer submissionOffer, name string, limit time.Duration) error {
	options, err := rewriteOptions(offer.Options, int32(gen.TopologyInitialStatus_INACTIVE), false)
	if err != nil {
		return err
	}
	before, err := c.Leader(ctx)
	if err != nil {
		return err
	}
	own := offer.Name
	offer.Name, offer.Options = name, options
	offer.Location = "/dev/null/" + name + ".jar" // no file exists below a file
	err = c.submitRaw(ctx, offer, limit)
	var untyped *UntypedError
	switch {
	case err == nil && name == own:
		return &UntypedError{Method: "submitTopologyWithOpts", Msg: "it accepted a topology without a JAR"}
	case err == nil:
		// No Storm does this. If one did, its topology could never have a JAR.
		none := int32(0)
		return c.Kill(ctx, name, &none)
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

// probeName is a name for the dry run that no topology has. Nimbus's log has it. It begins
// with the name, and has no other separator than the name has.
func probeName(name string) string {
	var random [6]byte
	_, _ = rand.Read(random[:]) // never fails (crypto/rand)
	suffix := "-stormhooks-probe-" + hex.EncodeToString(random[:])
	if strings.Contains(name, "_") && !strings.Contains(name, "-") {
		suffix = strings.ReplaceAll(suffix, "-", "_")
	}
	return name + suffix
}

// similarName is a name that no topology has, most likely, and that passes any rule for
// prefixes, suffixes, characters and lengths that the name passes: its middle is random,
// each letter and digit one of its kind.
func similarName(name string) string {
	similar, from, to := []byte(name), len(name)/3, len(name)-len(name)/3
	random := make([]byte, len(name))
	for string(similar) == name {
		_, _ = rand.Read(random) // never fails (crypto/rand)
		for i := from; i < to; i++ {
			similar[i] = randomLike(name[i], random[i])
		}
		if from == 0 && to == len(name) && string(similar) == name {
			return probeName(name) // it has no letter and no digit
		}
		if string(similar) == name {
			from, to = 0, len(name)
		}
	}
	return string(similar)
}

// randomLike is a letter or digit of the same kind; any other character stays.
func randomLike(c, random byte) byte {
	switch {
	case 'a' <= c && c <= 'z':
		return 'a' + random%26
	case 'A' <= c && c <= 'Z':
		return 'A' + random%26
	case '0' <= c && c <= '9':
		return '0' + random%10
	}
	return c
}

// longestConf is the longest conf that is submitted. Nimbus adds its own conf to it, and
// Stormhooks must be able to read both (maxConf): otherwise it could not tell whose the
// topology is, and could neither update nor kill it.
const longestConf = maxConf - 1<<20

// checkSize refuses an offer that Nimbus would never answer, or whose conf could not be
// read back.
func (o submissionOffer) checkSize(limits submissionLimits) error {
	o.Location = "/a/location/that/is/longer/than/nimbus/makes/them/for/an/uploaded/jar"
	o.Name = probeName(o.Name) // the longer of its two names
	if size := o.Size(); size > limits.Frame {
		return fmt.Errorf("the topology and its conf make a call of %d bytes, but Nimbus reads at most %d "+
			"(nimbus.thrift.max_buffer_size). Raise that setting of Nimbus, or make the objects in the topology smaller",
			size, limits.Frame)
	}
	if size := len(o.Conf); size > longestConf {
		return fmt.Errorf("the topology's conf has %d bytes, but Stormhooks reads at most %d of a conf. "+
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
		var sent bool
		answer, sent, err = conn.exchange(ctx, frame, maxFrame)
		return sent, err
	})
	if err != nil {
		return nil, err
	}
	return frameOf(answer), nil
}
