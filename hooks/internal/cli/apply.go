package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/stormhooks/stormhooks/pkg/preview"
)

// howApplied holds the flags of kubectl apply that decide what an apply removes.
type howApplied struct {
	serverSide, force bool
	manager           string
	given             func(flag string) bool
}

func (h *howApplied) flags(command *cobra.Command) {
	flags := command.Flags()
	flags.BoolVar(&h.serverSide, "server-side", false, "plan kubectl apply --server-side (default: as the live object was applied)")
	flags.StringVar(&h.manager, "field-manager", "", "field manager of the server-side apply, for example argocd-controller (default: the one that applied the live object)")
	flags.BoolVar(&h.force, "force-conflicts", false, "do not warn about fields that other managers set")
	h.given = flags.Changed
}

// applied is an object of a file: the live one, and the result of the apply.
type applied struct {
	live   *Object
	merged Object
	// manager is that of a server-side apply.
	manager   string
	uncertain bool
	remarks   []Remark
	// unread is why the live object could not be read.
	unread error
}

// managerOf is the field manager of the apply; empty for a client-side one. others are
// those that applied the object, too.
func (h *howApplied) managerOf(live *Object) (manager string, others []string) {
	managers := preview.Managers(live.Content)
	switch {
	case h.manager != "":
		return h.manager, nil
	case h.given("server-side") && !h.serverSide:
		return "", nil
	case len(managers) > 0:
		return managers[0], managers[1:]
	case h.serverSide:
		return "kubectl", nil
	}
	return "", nil
}

// apply is the live object after an apply of the file.
func (h *howApplied) apply(live *Object, file Object) (applied, error) {
	as := applied{live: live, merged: file}
	manager, others := h.managerOf(live)
	if as.manager = manager; manager != "" {
		var conflicts []preview.Conflict
		as.merged.Content, conflicts = preview.ApplyServerSide(manager, live.Content, file.Content)
		as.remarks = onManagers(manager, others)
		as.uncertain = len(others) > 0
		if !h.force {
			as.remarks = append(as.remarks, onConflicts(conflicts)...)
		}
		return as, nil
	}
	var err error
	if as.merged.Content, err = preview.Apply(live.Content, file.Content); err != nil {
		return applied{}, err
	}
	if kept := preview.Kept(live.Content, file.Content); len(kept) > 0 && !preview.SaysWhoApplied(live.Content) {
		as.uncertain = true
		as.remarks = []Remark{{Field: kept[0], Message: fmt.Sprintf(
			"the live object does not say who applied it. If that was a server-side apply (Argo CD, Flux), it removes what the file lacks, and the plan is wrong: %s. Read the live objects with their managedFields: %s",
			someOf(kept), record)}}
	}
	return as, nil
}

func onManagers(manager string, others []string) []Remark {
	if len(others) == 0 {
		return nil
	}
	return []Remark{{Message: fmt.Sprintf("the live object was also applied by %s, and this is the plan of %s. Pass --field-manager with the one that will apply the file.",
		preview.Line(strings.Join(others, ", ")), preview.Line(manager))}}
}

func onConflicts(conflicts []preview.Conflict) (remarks []Remark) {
	for _, c := range conflicts {
		remarks = append(remarks, Remark{Field: c.Field, Message: fmt.Sprintf(
			"%s was set to another value by %s, and this apply overwrites it. kubectl apply --server-side rejects that without --force-conflicts; Argo CD and Flux overwrite it each time. Remove the field from the file if %s is to keep it.",
			c.Field, preview.Line(c.Manager), preview.Line(c.Manager))})
	}
	return remarks
}

// someOf are the first of some fields.
func someOf(fields []string) string {
	const shown = 3
	if len(fields) > shown {
		return fmt.Sprintf("%s and %d more", strings.Join(fields[:shown], ", "), len(fields)-shown)
	}
	return strings.Join(fields, ", ")
}
