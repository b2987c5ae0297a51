package storm

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// IdentityOf identifies a Storm: a short hash of its place in ZooKeeper, from the conf
// of Nimbus. A Storm lives in a ZooKeeper path, not on a host: Nimbus may move, and its
// address may later lead to a different Storm.
func IdentityOf(conf map[string]any) string {
	servers := listOfText(conf["storm.zookeeper.servers"])
	if len(servers) == 0 {
		return ""
	}
	slices.Sort(servers) // the same ensemble in another order is the same Storm
	root, _ := conf["storm.zookeeper.root"].(string)
	port := strconv.FormatInt(integer(conf["storm.zookeeper.port"]), 10)
	sum := sha256.Sum256([]byte(strings.Join(append(servers, root, port), "\n")))
	return hex.EncodeToString(sum[:])[:12]
}

// StartTime is when a topology was submitted, in seconds since 1970: the last part of
// its id NAME-COUNTER-EPOCHSECS (Nimbus.java submitTopologyWithOpts, v2.8.1). The name
// may contain dashes.
func StartTime(id string) (int64, bool) {
	dash := strings.LastIndexByte(id, '-')
	if dash < 0 {
		return 0, false
	}
	seconds, err := strconv.ParseInt(id[dash+1:], 10, 64)
	if err != nil || seconds <= 0 {
		return 0, false
	}
	return seconds, true
}

func listOfText(value any) []string {
	list, _ := value.([]any)
	var out []string
	for _, item := range list {
		switch item := item.(type) {
		case string:
			out = append(out, item)
		case json.Number:
			out = append(out, item.String())
		}
	}
	return out
}
