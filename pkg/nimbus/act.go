package nimbus

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	gen "github.com/stormhooks/stormhooks/pkg/internal/thrift/storm"
	"github.com/stormhooks/stormhooks/pkg/storm"
)

// pieceSize is what Storm's client sends at a time (StormSubmitter.java
// THRIFT_CHUNK_SIZE_BYTES, v2.8.1): a frame must fit into Nimbus's buffer.
const pieceSize = 300 << 10

// pieceLimit is how long the leader's disk may take for a piece. Storm's own client waits
// 600 s (storm.thrift.socket.timeout.ms in conf/defaults.yaml, v2.8.1), but a submitting
// pod that is told to stop must not wait that long.
const pieceLimit = time.Minute

// Kill kills a topology by name, with Storm's own kill wait if wait is nil.
func (c *Client) Kill(ctx context.Context, name string, wait *int32) error {
	return tell(ctx, c.change("killTopologyWithOpts"), func(ctx context.Context, n *gen.NimbusClient) error {
		return n.KillTopologyWithOpts(ctx, name, &gen.KillOptions{WaitSecs: wait})
	})
}

// Activate makes a topology's spouts emit.
func (c *Client) Activate(ctx context.Context, name string) error {
	return tell(ctx, c.change("activate"), func(ctx context.Context, n *gen.NimbusClient) error { return n.Activate(ctx, name) })
}

// Deactivate stops a topology's spouts; its workers keep running.
func (c *Client) Deactivate(ctx context.Context, name string) error {
	return tell(ctx, c.change("deactivate"), func(ctx context.Context, n *gen.NimbusClient) error { return n.Deactivate(ctx, name) })
}

// Rebalance changes the numbers of workers and executors and the settings of a topology,
// which keeps its id.
func (c *Client) Rebalance(ctx context.Context, call storm.Call) error {
	options := gen.NewRebalanceOptions()
	options.WaitSecs = call.WaitSeconds
	if call.Workers > 0 {
		options.NumWorkers = &call.Workers
	}
	if len(call.Executors) > 0 {
		options.NumExecutors = call.Executors
	}
	if len(call.Overrides) > 0 {
		text, err := json.Marshal(call.Overrides)
		if err != nil {
			return fmt.Errorf("encoding overrides: %w", err)
		}
		overrides := string(text)
		options.TopologyConfOverrides = &overrides
	}
	return tell(ctx, c.change("rebalance"), func(ctx context.Context, n *gen.NimbusClient) error {
		return n.Rebalance(ctx, call.Name, options)
	})
}

// Act makes a call. Storm acts by name, so Act checks first that the name still has
// the id that the call was decided for. Must 3. The list, where it is needed, is from's.
func (c *Client) Act(ctx context.Context, call storm.Call, from Source) storm.Outcome {
	outcome := storm.Outcome{Call: call}
	if err := c.act(ctx, call, from); err != nil {
		outcome.Problem = Message(err)
	}
	return outcome
}

func (c *Client) act(ctx context.Context, call storm.Call, from Source) error {
	if call.Verb == storm.Forget {
		return c.forget(ctx, call.Mark)
	}
	if err := c.checkName(ctx, call, from); err != nil {
		return err
	}
	switch call.Verb {
	case storm.Kill:
		return c.Kill(ctx, call.Name, call.WaitSeconds)
	case storm.Activate:
		return c.Activate(ctx, call.Name)
	case storm.Deactivate:
		return c.Deactivate(ctx, call.Name)
	case storm.Rebalance:
		return c.Rebalance(ctx, call)
	}
	return fmt.Errorf("unknown call %q", call.Verb)
}

// checkName returns an error unless the name has the id. The topology's description costs
// Nimbus little; where Nimbus has none that can be read, the list shows it.
func (c *Client) checkName(ctx context.Context, call storm.Call, from Source) error {
	info, err := c.Info(ctx, call.ID)
	switch {
	case err == nil && info.Name == call.Name:
		return nil
	case err == nil:
		return fmt.Errorf("topology %s has the name %q in Storm, not %q. Stormhooks does not touch it", call.ID, info.Name, call.Name)
	case !isTooLarge(err) && !isUntyped(err):
		return err
	}
	summary, err := from.Named(ctx, call.Name, true)
	if err == nil && (summary == nil || summary.ID != call.ID) {
		err = fmt.Errorf("topology %s is not in Storm's list under the name %q. Stormhooks does not touch it", call.ID, call.Name)
	}
	return err
}

// Upload sends a JAR to the leader's disk and returns its location there. A piece is
// never sent twice: Nimbus appends whatever arrives.
func (c *Client) Upload(ctx context.Context, jar io.Reader) (location string, err error) {
	location, err = ask(ctx, c.once("beginFileUpload").atLeast(pieceLimit), func(ctx context.Context, n *gen.NimbusClient) (string, error) {
		return n.BeginFileUpload(ctx)
	})
	if err != nil {
		return "", err
	}
	if err := eachPiece(jar, func(piece []byte) error { return c.uploadChunk(ctx, location, piece) }); err != nil {
		return location, err
	}
	return location, tell(ctx, c.once("finishFileUpload").atLeast(pieceLimit), func(ctx context.Context, n *gen.NimbusClient) error {
		return n.FinishFileUpload(ctx, location)
	})
}

func (c *Client) uploadChunk(ctx context.Context, location string, piece []byte) error {
	return tell(ctx, c.piece("uploadChunk").atLeast(pieceLimit), func(ctx context.Context, n *gen.NimbusClient) error {
		return n.UploadChunk(ctx, location, piece)
	})
}
