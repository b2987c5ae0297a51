package demo

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/e2e/cluster/kube"
	"github.com/stormhooks/stormhooks/e2e/cluster/run"
)

const (
	namespace = "storm-system"
	name      = "wordcount-container" // of the guide's first example
	patience  = 10 * time.Minute
)

var firstExample = regexp.MustCompile("(?s)```yaml\n(.*?)```")

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

// askNimbus runs Storm's own list command in Nimbus' pod. The launcher `storm`
// differs from image to image, the class does not.
func askNimbus(ctx context.Context, k kube.Kubectl) (string, error) {
	list := `exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Dstorm.options="$STORM_OPTIONS" -Dstorm.home=/apache-storm -Dstorm.log.dir=/tmp -Dstorm.conf.file= -cp '/apache-storm/lib/*:/conf' org.apache.storm.command.ListTopologies`
	said, err := k.Run(ctx, "exec", "-n", namespace, "nimbus-0", "--", "sh", "-c", list)
	if err != nil {
		return "", err
	}
	if at := strings.Index(said, "Topology_name"); at >= 0 {
		said = said[at:] // Storm's client logs to the same stream
	}
	return said, nil
}

func indent(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n  ") + "\n"
}
