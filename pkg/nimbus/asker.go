package nimbus

import (
	"context"
	"errors"
	"fmt"

	"github.com/apache/thrift/lib/go/thrift"

	gen "github.com/stormhooks/stormhooks/pkg/internal/thrift/storm"
)

// asker makes the calls of the generated client on a conn.
type asker struct {
	conn *conn
	// sent says whether the last call may have reached the peer.
	sent bool
}

// Call is thrift.TClient.
func (a *asker) Call(ctx context.Context, method string, args, result thrift.TStruct) (thrift.ResponseMeta, error) {
	var err error
	a.sent, err = a.conn.call(ctx, method, args, result)
	return thrift.ResponseMeta{}, err
}

// ask makes a call through the generated client.
func ask[T any](ctx context.Context, r request, call func(context.Context, *gen.NimbusClient) (T, error)) (T, error) {
	var answer T
	err := r.do(ctx, func(ctx context.Context, conn *conn) (bool, error) {
		asker := &asker{conn: conn}
		var err error
		answer, err = call(ctx, gen.NewNimbusClient(asker))
		return asker.sent, err
	})
	return answer, err
}

// tell makes a call whose answer is empty.
func tell(ctx context.Context, r request, call func(context.Context, *gen.NimbusClient) error) error {
	_, err := ask(ctx, r, func(ctx context.Context, client *gen.NimbusClient) (struct{}, error) {
		return struct{}{}, call(ctx, client)
	})
	return err
}

// protocolError turns an answer that could not be read into errNotThrift, and returns
// an exception of Nimbus unchanged. The library also reports a wrong name, number or
// kind of an answer as a TApplicationException, which Nimbus did not send.
func protocolError(err error) error {
	if err == nil {
		return nil
	}
	var application thrift.TApplicationException
	if errors.As(err, &application) {
		switch application.TypeId() {
		case thrift.WRONG_METHOD_NAME, thrift.BAD_SEQUENCE_ID, thrift.INVALID_MESSAGE_TYPE_EXCEPTION:
			return fmt.Errorf("%w: %v", errNotThrift, err)
		}
		return err
	}
	return fmt.Errorf("%w: %v", errNotThrift, err)
}
