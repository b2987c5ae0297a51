package lyingstorm

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stormhooks/stormhooks/hooks"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
)

// The hook server runs in a process of its own, so that its memory is its own:
// this test's program, told to be it by an environment variable. The shipped one
// refuses loopback addresses, and all Storms of this test are there.
const (
	beServer  = "LYINGSTORM_TEST_SERVES"
	tokenFile = "LYINGSTORM_TEST_TOKEN_FILE"
)

func TestMain(m *testing.M) {
	if os.Getenv(beServer) == "" {
		os.Exit(m.Run())
	}
	if err := serveHooks(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serveHooks() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	storms := hooks.NewStorms(nimbus.AllowLoopback())
	defer storms.Close()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	metrics := hooks.NewMetrics()
	calls := &hooks.Hooks{Storms: storms, Now: time.Now, HelperImage: "stormhooks/stormhooks:test", Log: log, Metrics: metrics}
	ctx, cancel := context.WithCancel(context.Background())
	go func() { _, _ = io.Copy(io.Discard, os.Stdin); cancel() }() // the test has ended
	server := hooks.NewServer(calls, metrics, log)
	if server.Door, err = hooks.NewDoor(hooks.DoorFiles{Token: os.Getenv(tokenFile)}, log); err != nil {
		return err
	}
	return server.Serve(ctx, listener)
}

// server is the hook server's process.
type server struct {
	url string
	pid int
	// stop ends it, and gives all that it wrote.
	stop func() string
}

func startServer(t *testing.T, environment ...string) server {
	t.Helper()
	program := exec.Command(os.Args[0])
	// The limits of manifests/install/deployment.yaml.
	program.Env = append(append(os.Environ(), beServer+"=1", "GOMEMLIMIT=220MiB"), environment...)
	var wrote bytes.Buffer
	program.Stderr = &wrote
	stdin, err := program.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	stop := sync.OnceValue(func() string {
		_ = stdin.Close()
		_ = program.Process.Kill()
		_ = program.Wait()
		return wrote.String()
	})
	t.Cleanup(func() { stop() })
	address, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return server{"http://" + strings.TrimSpace(address), program.Process.Pid, stop}
}

// most is the most memory that the process has had, in MiB.
func (s server) most(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.pid))
	if err != nil {
		t.Skipf("no /proc: %v", err)
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	kib, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return kib >> 10
}
