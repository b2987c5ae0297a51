package demo

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/stormhooks/stormhooks/e2e/cluster/kube"
	"github.com/stormhooks/stormhooks/e2e/cluster/run"
	"github.com/stormhooks/stormhooks/pkg/nimbus"
)

const (
	namespace = "storm-system"
	name      = "wordcount-container" // of the guide's first example
	patience  = 10 * time.Minute
)

var (
	firstExample = regexp.MustCompile("(?s)```yaml\n(.*?)```")
	// forwarded is the line in which kubectl names the port that it chose.
	forwarded = regexp.MustCompile(`^Forwarding from 127\.0\.0\.1:(\d+) `)
)

// Example is the guide's first example, word for word. In a cluster where the
// stock image stands under its name, the image that has storm-starter takes its
// place.
func Example(checkout, stormImage string) (string, error) {
	text, err := os.ReadFile(filepath.Join(checkout, "docs", "guide.md"))
	if err != nil {
		return "", err
	}
	match := firstExample.FindStringSubmatch(string(text))
	if match == nil {
		return "", fmt.Errorf("docs/guide.md holds no yaml example")
	}
	if stormImage == "" {
		return match[1], nil
	}
	return strings.Replace(match[1], "image: apache/storm:2.8.1", "image: "+stormImage, 1), nil
}

// Run applies the example and follows it until it is Ready.
func Run(ctx context.Context, p *run.Progress, k kube.Kubectl, example string) error {
	p.Say("The guide's first example is applied:")
	fmt.Printf("\n%s\n", indent(example))
	if _, err := k.With(ctx, example, "apply", "-f", "-"); err != nil {
		return err
	}
	p.Say("kubectl get stormtopologies -n %s -o wide --watch", namespace)
	err := follow(ctx, k)
	fmt.Println()
	if err != nil {
		status, _ := k.Run(ctx, "get", "stormtopology", name, "-n", namespace, "-o", "jsonpath={.status.phase}: {.status.message}")
		return fmt.Errorf("%s is not Ready after %s. %s", name, patience, status)
	}
	p.Say("%s is Ready.", name)
	return nil
}

// follow shows what kubectl shows a person who watches.
func follow(ctx context.Context, k kube.Kubectl) error {
	watching, stop := context.WithCancel(ctx)
	defer stop()
	shown := k.Command("", "get", "stormtopologies", name, "-n", namespace, "-o", "wide", "--watch")
	cmd := exec.CommandContext(watching, shown.Argv[0], shown.Argv[1:]...)
	cmd.Env, cmd.Stdout = shown.Env, os.Stdout
	if err := cmd.Start(); err != nil {
		return err
	}
	defer func() { stop(); _ = cmd.Wait() }()
	_, err := k.Run(ctx, "wait", "--for=condition=Ready", "-n", namespace, "stormtopology/"+name, "--timeout="+patience.String())
	if err == nil {
		time.Sleep(300 * time.Millisecond) // the watch prints the line that ended the wait
	}
	return err
}

// Show prints what Kubernetes and Nimbus say, which driver runs, and what to try next.
func Show(ctx context.Context, k kube.Kubectl, driver string, next []string) error {
	topologies, err := k.Run(ctx, "get", "stormtopologies", "-n", namespace, "-o", "wide")
	if err != nil {
		return err
	}
	nimbus, err := askNimbus(ctx, k)
	if err != nil {
		return err
	}
	fmt.Printf("\n$ kubectl get stormtopologies -n %s -o wide\n%s\nNimbus itself says:\n%s\n", namespace, topologies, indent(nimbus))
	fmt.Printf("%s calls Stormhooks' hooks.\n\nTry next:\n", driver)
	next = append(next,
		"kubectl get stormtopologies,stormclusters,jobs,pods -n "+namespace,
		"kubectl logs -n "+namespace+" job/topology-jar-extract-"+name,
		"kubectl logs -n "+namespace+" job/topology-submit-"+name,
		"kubectl delete stormtopology -n "+namespace+" "+name,
	)
	fmt.Println(indent(strings.Join(next, "\n")))
	return nil
}

// askNimbus is the list of Nimbus itself, past our hooks.
func askNimbus(ctx context.Context, k kube.Kubectl) (string, error) {
	ctx, stop := context.WithCancel(ctx)
	shown := k.Command("", "port-forward", "-n", namespace, "pod/nimbus-0", ":6627")
	cmd := exec.CommandContext(ctx, shown.Argv[0], shown.Argv[1:]...)
	cmd.Env = shown.Env
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		stop()
		return "", err
	}
	defer func() { stop(); _ = cmd.Wait() }()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("kubectl port-forward does not reach pod nimbus-0 in namespace %s: %w", namespace, err)
	}
	match := forwarded.FindStringSubmatch(line)
	if match == nil {
		return "", fmt.Errorf("kubectl port-forward printed %q", line)
	}
	port, err := strconv.ParseInt(match[1], 10, 32)
	if err != nil {
		return "", err
	}
	return list(ctx, int32(port))
}

// list is a table of what the Nimbus at a port of this machine has.
func list(ctx context.Context, port int32) (string, error) {
	client := nimbus.New([]string{"127.0.0.1"}, port, nimbus.AllowLoopback(), nimbus.WithLimit(20*time.Second))
	defer client.Close()
	topologies, err := client.List(ctx)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "NAME\tSTATUS\tTASKS\tWORKERS\tUPTIME")
	for _, t := range topologies {
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%s\n", t.Name, t.Status, t.Tasks, t.Workers, time.Duration(t.Uptime)*time.Second)
	}
	return text.String(), table.Flush()
}

func indent(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n  ") + "\n"
}
