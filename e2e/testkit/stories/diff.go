package stories

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// change is one difference of two trees; absent is a side that has nothing.
type change struct {
	path     string
	old, new any
}

type absent struct{}

// diff is what differs, in the order of the paths.
func diff(path string, old, new any) []change {
	if reflect.DeepEqual(old, new) {
		return nil
	}
	switch new := new.(type) {
	case map[string]any:
		if old, is := old.(map[string]any); is {
			return diffMaps(path, old, new)
		}
	case []any:
		if old, is := old.([]any); is {
			return diffLists(path, old, new)
		}
	case string:
		if before, is := old.(string); is && sameOrder(before, new) {
			_, a := inArgument(before)
			flag, b := inArgument(new)
			return diff(path+"."+strings.TrimLeft(flag, "-"), a, b)
		}
	}
	return []change{{path, old, new}}
}

func diffMaps(path string, old, new map[string]any) (changes []change) {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(old)), maps.Keys(new))
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		before, was := old[key]
		after, is := new[key]
		if !was {
			before = absent{}
		}
		if !is {
			after = absent{}
		}
		changes = append(changes, diff(strings.TrimPrefix(path+"."+key, "."), before, after)...)
	}
	return changes
}

// diffLists finds items that came, or went, at one place.
func diffLists(path string, old, new []any) (changes []change) {
	at := 0
	for at < len(old) && at < len(new) && reflect.DeepEqual(old[at], new[at]) {
		at++
	}
	switch more := len(new) - len(old); {
	case more == 0:
		for i := range new {
			changes = append(changes, diff(fmt.Sprintf("%s[%d]", path, i), old[i], new[i])...)
		}
	case more > 0 && reflect.DeepEqual(new[at+more:], old[at:]):
		for i := at; i < at+more; i++ {
			changes = append(changes, change{fmt.Sprintf("%s[%d]", path, i), absent{}, new[i]})
		}
	case more < 0 && reflect.DeepEqual(old[at-more:], new[at:]):
		for i := at; i < at-more; i++ {
			changes = append(changes, change{fmt.Sprintf("%s[%d]", path, i), old[i], absent{}})
		}
	default:
		return []change{{path, old, new}}
	}
	return changes
}

// sameOrder says whether two arguments are JSON whose difference says all: compact,
// with the keys that both have in one order.
func sameOrder(a, b string) bool {
	flagA, _ := inArgument(a)
	flagB, _ := inArgument(b)
	if flagA == "" || flagA != flagB {
		return false
	}
	inA, inB := leaves(a), leaves(b)
	shared := func(of, in []string) []string {
		return slices.DeleteFunc(slices.Clone(of), func(path string) bool { return !slices.Contains(in, path) })
	}
	return inA != nil && inB != nil && slices.Equal(shared(inA, inB), shared(inB, inA))
}

// leaves are the paths of an argument's JSON in their order; nil where the text is
// not as json.Marshal writes it.
func leaves(argument string) (paths []string) {
	_, raw, _ := strings.Cut(argument, "=")
	decoder := json.NewDecoder(strings.NewReader(raw))
	decoder.UseNumber()
	again, ok := walk(decoder, "", &paths)
	if !ok || again != raw {
		return nil
	}
	return paths
}

// walk reads one value of JSON: its paths go to paths, and its text comes back.
func walk(decoder *json.Decoder, path string, paths *[]string) (text string, ok bool) {
	token, err := decoder.Token()
	if err != nil {
		return "", false
	}
	*paths = append(*paths, path)
	if token != json.Delim('{') && token != json.Delim('[') {
		raw, err := json.Marshal(token)
		return string(raw), err == nil
	}
	var parts []string
	for i := 0; decoder.More(); i++ {
		key, lead := strconv.Itoa(i), ""
		if token == json.Delim('{') {
			name, _ := decoder.Token()
			key = fmt.Sprint(name)
			raw, _ := json.Marshal(key)
			lead = string(raw) + ":"
		}
		part, ok := walk(decoder, path+"."+key, paths)
		if !ok {
			return "", false
		}
		parts = append(parts, lead+part)
	}
	closing, err := decoder.Token()
	return fmt.Sprint(token) + strings.Join(parts, ",") + fmt.Sprint(closing), err == nil
}

// inArgument is the JSON that an argument hands over, where it is written as Go does.
func inArgument(value any) (flag string, tree any) {
	text, _ := value.(string)
	flag, raw, found := strings.Cut(text, "={")
	if !found || !strings.HasPrefix(flag, "--") || json.Unmarshal([]byte("{"+raw), &tree) != nil {
		return "", nil
	}
	return flag, tree
}
