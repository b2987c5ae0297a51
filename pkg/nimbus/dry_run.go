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

	"github.com/stormhooks/stormhooks/pkg/internal/text"
	gen "github.com/stormhooks/stormhooks/pkg/internal/thrift/storm"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// dryRun asks Nimbus whether it would accept the offer: the same call under an unused
// name, without credentials, with a JAR that does not exist. A no is an
// InvalidTopologyError or an AuthorizationError. Rules of a Storm may judge the name
// (nimbus.topology.validator, nimbus.authorizer). So a no is checked under
// a name that nearly any rule for the real one accepts. A no that is about names alone
// does not count: then the dry run proves nothing, and onlyNames is what Nimbus said.
func (c *Client) dryRun(ctx context.Context, offer submissionOffer, limit time.Duration) (onlyNames string, err error) {
	name, alike := probeName(offer.Name), similarName(offer.Name)
	first := c.accepts(ctx, offer, name, limit)
	if answerOf(storm.DoProbe, first) != storm.Refused {
		return "", first
	}
	second := c.accepts(ctx, offer, alike, limit)
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

// accepts is a dry run under a name, whose yes counts only after a control. Must 2.
func (c *Client) accepts(ctx context.Context, offer submissionOffer, name string, limit time.Duration) error {
	if err := c.probe(ctx, offer, name, limit); err != nil {
		return err
	}
	return c.control(ctx, offer, name, limit)
}

// blindError: a Nimbus fails without a type where it should reject a wrong setting, so
// its failure at the dry run is not a yes.
type blindError struct{}

func (*blindError) Error() string {
	return "Nimbus does not reject a wrong setting (topology.workers: \"x\") in a dry run, so its answer proves nothing. See Nimbus's log"
}

// control repeats a dry run with one setting that every Storm rejects with a type
// (@IsInteger of topology.workers in Config.java, v2.0.0 to 3.0.0). It notices a Nimbus
// that fails before it checks a topology: because it checks the location first, or
// because it fails at everything now.
func (c *Client) control(ctx context.Context, offer submissionOffer, name string, limit time.Duration) error {
	var conf map[string]json.RawMessage
	if err := json.Unmarshal([]byte(offer.Conf), &conf); err != nil {
		return fmt.Errorf("the topology's conf is not a JSON object: %w", err)
	}
	conf["topology.workers"] = json.RawMessage(`"x"`)
	wrong, err := text.JSON(conf)
	if err != nil {
		return fmt.Errorf("the topology's conf cannot be written as JSON: %w", err)
	}
	offer.Conf = wrong
	switch err := c.probe(ctx, offer, name, limit); {
	case as[*InvalidTopologyError](err):
		return nil
	case err == nil, as[*UntypedError](err):
		return &blindError{}
	default:
		return err
	}
}

// probe is one call of a dry run. Nimbus reads the JAR last (Nimbus.java
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
	offer.Name, offer.Options, offer.Location = name, options, besideUpload(offer.Location)
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

// besideUpload is the location of a JAR that does not exist, in the folder of the JAR that
// was uploaded: Storm 3.1 rejects a location outside Nimbus's inbox before it reads a JAR.
// Nimbus may run on Windows.
func besideUpload(location string) string {
	return location[:strings.LastIndexAny(location, `/\`)+1] + "stormhooks-probe-" + randomHex() + ".jar"
}

func randomHex() string {
	var random [6]byte
	_, _ = rand.Read(random[:]) // never fails (crypto/rand)
	return hex.EncodeToString(random[:])
}

// probeName is a name for the dry run that no topology has. Nimbus's log has it. It begins
// with the name, and has no other separator than the name has.
func probeName(name string) string {
	suffix := "-stormhooks-probe-" + randomHex()
	if strings.Contains(name, "_") && !strings.Contains(name, "-") {
		suffix = strings.ReplaceAll(suffix, "-", "_")
	}
	return name + suffix
}

// similarName is a name that no topology has, most likely, and that passes any rule for
// prefixes, suffixes, characters and lengths that the name passes: its middle is random,
// each letter and digit one of its kind.
func similarName(name string) string {
	if !strings.ContainsFunc(name, func(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' }) {
		return probeName(name)
	}
	similar, from, to := []byte(name), len(name)/3, len(name)-len(name)/3
	random := make([]byte, len(name))
	for string(similar) == name {
		_, _ = rand.Read(random) // never fails (crypto/rand)
		for i := from; i < to; i++ {
			similar[i] = randomLike(name[i], random[i])
		}
		from, to = 0, len(name) // the middle has no letter and no digit, or the same ones again
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
