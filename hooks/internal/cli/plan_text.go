package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/stormhooks/stormhooks/pkg/preview"
)

// planned is a plan for programs.
type planned struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	preview.Plan
	// Manager is the field manager of a server-side apply; empty for kubectl apply without
	// it.
	Manager string `json:"fieldManager,omitempty"`
	// Uncertain: the plan lacks something that may change it. A remark says what.
	Uncertain bool      `json:"uncertain,omitempty"`
	Refusals  []Refusal `json:"refusals,omitempty"`
	Remarks   []Remark  `json:"remarks,omitempty"`
	kind      string
}

// write prints a plan for a person.
func (p planned) write(out io.Writer) {
	Print(out, "", "%s: %s (%s)", preview.Command(Object{Kind: p.kind, Name: p.Name}.Title(), "-n", p.Namespace), p.Kind, strings.TrimSuffix(p.Why, "."))
	for _, refusal := range p.Refusals {
		Print(out, "  ", "%s", refusal)
	}
	for _, line := range slices.Concat(p.effects(), p.times(), p.changed(), p.by()) {
		Print(out, "  ", "%s", line)
	}
	for _, remark := range p.Remarks {
		Print(out, "  ", "warning: %s", remark.Message)
	}
}

func (p planned) changed() []string {
	if len(p.Fields) == 0 {
		return nil
	}
	return []string{"changes: " + strings.Join(p.Fields, ", ")}
}

// times are when changed fields take effect.
func (p planned) times() (lines []string) {
	for _, e := range p.Effects {
		lines = append(lines, e.Field+" "+e.Says+".")
	}
	return lines
}

// by says how the object is applied, unless it is kubectl apply as most people call it.
func (p planned) by() []string {
	if p.Manager == "" {
		return nil
	}
	return []string{"applied server-side, as field manager " + preview.Line(p.Manager)}
}

// effects is what happens, and how long nothing is processed.
func (p planned) effects() []string {
	lines := slices.Clone(p.Steps)
	switch p.Kind {
	case preview.Waits:
		until := "Nothing happens until this is fixed"
		if p.ByItself {
			until = "Nothing happens until then. The wait ends by itself"
		}
		lines = append(lines, fmt.Sprintf("%s. After that: %s (%s).", until, p.Then, strings.TrimSuffix(p.ThenWhy, ".")))
	case preview.Adopt:
		lines = append(lines, p.adopt()...)
	case preview.Create, preview.Submit:
		if p.kind != KindTopology {
			break
		}
		lines = append(lines, p.submit())
	case preview.Suspend:
		lines = append(lines, "Storm deactivates the topology (INACTIVE) until it is resumed. Its workers stay.")
	case preview.Resume:
		lines = append(lines, "Storm activates the topology again.")
	case preview.Rebalance:
		lines = append(append(lines, p.activity()...), p.rebalance())
	case preview.Restart:
		lines = append(append(lines, p.activity()...), p.restart()...)
	case preview.Finish, preview.Cancel:
		lines = append(p.activity(), lines...)
	}
	if p.Unseen != "" && p.Kind != preview.Waits {
		lines = append(lines, p.Unseen)
	}
	return lines
}

// adopt has a line for each of the three answers that Storm can give.
func (p planned) adopt() []string {
	name := preview.NameOfID(p.Adopts)
	return []string{
		fmt.Sprintf("If Storm has %s, it keeps running as it is, and is managed from then on. Nothing is extracted or submitted.", p.Adopts),
		fmt.Sprintf("If Storm has no topology %s, revision %s will be submitted.", name, p.To),
		fmt.Sprintf("If Storm has %s with another id, nothing happens (NameConflict). The status then says that id.", name),
	}
}

func (p planned) submit() string {
	if p.Unseen != "" {
		return fmt.Sprintf("Revision %s will be submitted.", p.To)
	}
	return fmt.Sprintf("Revision %s will be submitted. Until then nothing runs.", p.To)
}

// activity is what comes before a rebalance or a restart.
func (p planned) activity() []string {
	switch {
	case p.Activity == preview.Suspend:
		return []string{"Storm deactivates the topology (INACTIVE) at once, since spec.suspend is true. From then on nothing is processed until it is resumed."}
	case p.Activity == preview.Resume:
		return []string{"Storm activates the topology at once, since spec.suspend is false."}
	case p.Inactive:
		return []string{"The topology is INACTIVE, and stays so until it is resumed, since spec.suspend is true."}
	}
	return nil
}

func (p planned) rebalance() string {
	if p.Inactive {
		return "Then its workers restart. It stays INACTIVE, and keeps its id in Storm."
	}
	return fmt.Sprintf("Its spouts are paused for %s. Then its workers restart. It keeps its id in Storm.", p.waits())
}

func (p planned) restart() []string {
	var lines []string
	if p.Extracts {
		lines = append(lines, "The JAR is extracted from its image again.")
	}
	if p.Beside != "" {
		return append(lines, p.blueGreen()...)
	}
	stays := fmt.Sprintf("Revision %s keeps running until revision %s has been recorded and checked, and its JAR is uploaded.", p.From, p.To)
	then := "the new one is submitted. Nothing is processed until its workers are up."
	if p.Inactive {
		stays = fmt.Sprintf("Revision %s stays in Storm, INACTIVE, until revision %s has been recorded and checked, and its JAR is uploaded.", p.From, p.To)
		then = "the new one is submitted INACTIVE."
	}
	return append(lines, stays, fmt.Sprintf("Then it drains for %s and is killed. After that %s", p.waits(), then))
}

// blueGreen is a restart that keeps what runs until the new revision can take over.
func (p planned) blueGreen() []string {
	beside := fmt.Sprintf("Revision %s is submitted INACTIVE, as topology %q. Storm needs slots for both.", p.To, p.Beside)
	if p.Inactive {
		return []string{beside, fmt.Sprintf("Once its workers are up, revision %s is killed. Revision %s stays INACTIVE until it is resumed.", p.From, p.To)}
	}
	drains := fmt.Sprintf("drains for %s. Nothing is processed after that until revision %s is activated.", p.Drain(), p.To)
	if p.WaitSeconds != nil && *p.WaitSeconds == 0 {
		drains = fmt.Sprintf("revision %s is activated at once.", p.To)
	}
	return []string{beside, fmt.Sprintf("Once its workers are up, revision %s is deactivated and %s", p.From, drains), p.Ending()}
}

func (p planned) waits() string {
	if p.WaitSeconds == nil {
		return "Storm's default time"
	}
	text := fmt.Sprintf("%d s", *p.WaitSeconds)
	if p.WaitIsStorms {
		text += " (Storm's default topology.message.timeout.secs, unless main sets it; spec.killWaitSeconds is not set)"
	}
	return text
}
