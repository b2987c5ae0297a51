package stories

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/stormhooks/stormhooks/e2e/cluster/kube"
	"github.com/stormhooks/stormhooks/e2e/cluster/place"
)

// figures count what a story costs: hook calls, as the driver counts them, and
// writes, as the API server does.
type figures struct {
	At     time.Time
	Counts map[string]float64
}

var (
	hookCalls = regexp.MustCompile(`^metacontroller_(customize|sync|finalize)_requests_total\{.*controller_name="([^"]*)".*\} (\S+)$`)
	writes    = regexp.MustCompile(`^apiserver_request_total\{.*resource="(stormtopologies|jobs|persistentvolumeclaims)",.*subresource="([^"]*)",.*verb="(POST|PUT|PATCH|DELETE)",.*\} (\S+)$`)
)

func measure(kubeconfig string) (figures, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	k := kube.Kubectl{Program: place.Bin("kubectl"), Kubeconfig: kubeconfig}
	f := figures{At: time.Now(), Counts: map[string]float64{}}
	address, err := k.Run(ctx, "get", "pods", "-n", "metacontroller", "-l", "app.kubernetes.io/name=metacontroller", "-o", "jsonpath={.items[0].status.podIP}")
	if err != nil {
		return f, err
	}
	driver, err := fetch(ctx, "http://"+address+":9999/metrics")
	if err != nil {
		return f, err
	}
	for _, line := range strings.Split(driver, "\n") {
		if m := hookCalls.FindStringSubmatch(line); m != nil {
			f.add("hook calls: "+m[2]+" "+m[1], m[3])
		}
	}
	api, err := k.Run(ctx, "get", "--raw", "/metrics")
	if err != nil {
		return f, err
	}
	for _, line := range strings.Split(api, "\n") {
		if m := writes.FindStringSubmatch(line); m != nil {
			f.add(strings.TrimSuffix("writes: "+m[3]+" "+m[1]+"/"+m[2], "/"), m[4])
		}
	}
	return f, nil
}

func (f figures) add(name, count string) {
	number, _ := strconv.ParseFloat(count, 64)
	f.Counts[name] += number
}

func (f figures) encode() string {
	text, _ := json.Marshal(f)
	return string(text)
}

func (f figures) since(text string) string {
	var before figures
	if err := json.Unmarshal([]byte(text), &before); err != nil {
		return err.Error()
	}
	lines := []string{fmt.Sprintf("figures of %.1f s", f.At.Sub(before.At).Seconds())}
	for name, count := range f.Counts {
		if more := count - before.Counts[name]; more > 0 {
			lines = append(lines, fmt.Sprintf("  %s: %.0f", name, more))
		}
	}
	sort.Strings(lines[1:])
	return strings.Join(lines, "\n")
}

func fetch(ctx context.Context, url string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	response, err := (&http.Client{Transport: &http.Transport{}}).Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return string(text), err
}
