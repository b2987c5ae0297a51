package storm

// Submission is everything that a submitting pod needs. It is passed as JSON in the
// arguments of `stormhooks submit`.
type Submission struct {
	// Name is the name of the topology in Storm; the name that main uses is ignored.
	Name string `json:"name"`
	// MainName is the name that main gets, if it is another one: $(TOPOLOGY_NAME) stays the
	// same under both names of a topology.
	MainName string `json:"mainName,omitempty"`
	// NeverKills: the name is free, and what has it after all is not replaced.
	NeverKills bool `json:"neverKills,omitempty"`
	// MainClass is run with Args, from the JAR file Jar (a path in the pod) that was
	// checked when it was copied, or from a mounted image.
	MainClass string        `json:"mainClass"`
	Args      []string      `json:"args"`
	Jar       string        `json:"jar,omitempty"`
	Mounted   *MountedImage `json:"mounted,omitempty"`
	// Beside: dependencies and files for main are beside Jar.
	Beside bool `json:"beside,omitempty"`
	// Dependencies are files of JARs in the pod that workers need beside Jar, in the order
	// of the class path. The pod finds them.
	Dependencies []string `json:"-"`
	// Seeds and Port lead to Nimbus. Identity, if known, is that of the Storm that the
	// topology belongs to: nothing is submitted to a different one.
	Seeds    []string `json:"seeds"`
	Port     int32    `json:"port"`
	TLS      *TLS     `json:"tls,omitempty"`
	Identity string   `json:"identity,omitempty"`
	// Settings are those of the topology, with their types (see Settings).
	Settings map[string]any `json:"settings,omitempty"`
	// Components are what spec.topology.components says of them.
	Components map[string]Scale `json:"components,omitempty"`
	// ClientSettings are only for the JVM that submits, below main's own settings: none of
	// them is a setting of the topology.
	ClientSettings map[string]any `json:"clientSettings,omitempty"`
	Fingerprint    Fingerprint    `json:"fingerprint"`
	// Runs is the id of the topology that ran for this object last: a look is by this id
	// first, and reads the list only if the id is not alive.
	Runs string `json:"runs,omitempty"`
	// Free is the Nimbus that led when the hook server read in the list that nothing has the
	// name, and for minutes before; zero if that is not known (Seen.ProvesAbsence).
	Free Leader `json:"free,omitzero"`
	// Adopt is the id of a topology that Stormhooks did not submit and may replace.
	Adopt string `json:"adopt,omitempty"`
	// Inactive submits the topology deactivated.
	Inactive bool `json:"inactive,omitempty"`
	// KillWaitSeconds is how long the replaced topology drains; nil is Storm's default.
	KillWaitSeconds *int32 `json:"killWaitSeconds,omitempty"`
	// Upload is what an earlier pod of this revision left on Nimbus; zero if nothing is known.
	Upload Upload `json:"upload,omitzero"`
	// MainTimeoutSeconds is how long main may take until it has submitted.
	MainTimeoutSeconds int32 `json:"mainTimeoutSeconds"`
}

// MountedImage is an image that the submitting pod mounts.
type MountedImage struct {
	// Root is where it is mounted. Path is the path of the JAR in it, or a glob, as in
	// the spec. Image is for messages.
	Root  string `json:"root"`
	Path  string `json:"path"`
	Image string `json:"image"`
	// SHA256 that the JAR must have, in hexadecimal; empty accepts any.
	SHA256 string `json:"sha256,omitempty"`
	// Dependencies and Files are globs of what else main needs of it, as in the spec.
	Dependencies []string `json:"dependencies,omitempty"`
	Files        []string `json:"files,omitempty"`
}
