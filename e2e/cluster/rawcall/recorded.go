package rawcall

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/pkg/nimbus"
)

// Recorded is a submission that a main made once (pkg/nimbus/testdata of checkout),
// and where a JAR lies at Nimbus that serves for all, as no worker ever reads it.
func Recorded(ctx context.Context, checkout string, client *nimbus.Client) (nimbus.Recorded, string, error) {
	frame, err := unzipped(filepath.Join(checkout, "pkg", "nimbus", "testdata", "exclamation.frame.gz"))
	if err != nil {
		return nimbus.Recorded{}, "", err
	}
	recorder, err := nimbus.StartRecorder(ctx, client)
	if err != nil {
		return nimbus.Recorded{}, "", err
	}
	defer recorder.Close()
	host, port := recorder.Addr()
	main, err := net.Dial("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return nimbus.Recorded{}, "", err
	}
	defer func() { _ = main.Close() }()
	if _, err := main.Write(frame); err != nil {
		return nimbus.Recorded{}, "", err
	}
	select {
	case <-recorder.Recorded():
	case <-time.After(10 * time.Second):
		return nimbus.Recorded{}, "", errors.New("the recorder took nothing")
	}
	location, err := client.Upload(ctx, strings.NewReader("no worker ever reads it"))
	return recorder.Submissions()[0], location, err
}

func unzipped(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	text, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(text)
}
