package storm

// Submission is all that a submitting pod has to know. It travels as JSON in
// the arguments of `stormhooks submit`.
type Submission struct {
	// Name is the topology's name in Storm, whatever main calls it.
	Name string `json:"name"`
	// MainClass is run with Args, from the JAR file Jar (a path in the pod), which
	// was checked when it was copied, or from an image that is mounted.
	MainClass string        `json:"mainClass"`
	Args      []string      `json:"args"`
	Jar       string        `json:"jar,omitempty"`
	Mounted   *MountedImage `json:"mounted,omitempty"`
	// Seeds and Port lead to Nimbus; Identity, when known, is the Storm that
	// the topology belongs to: another one is refused.
	Seeds    []string `json:"seeds"`
	Port     int32    `json:"port"`
	Identity string   `json:"identity,omitempty"`
	// Settings are the topology's, typed (Settings of this package).
	Settings map[string]any `json:"settings,omitempty"`
	// ClientSettings are for the submitting JVM only.
	ClientSettings map[string]any `json:"clientSettings,omitempty"`
	Fingerprint    Fingerprint    `json:"fingerprint"`
	// Adopt is the id of a topology that is not ours and may be replaced.
	Adopt string `json:"adopt,omitempty"`
	// Inactive submits the topology deactivated.
	Inactive bool `json:"inactive,omitempty"`
	// KillWaitSeconds is how long the replaced topology drains; nil is Storm's own.
	KillWaitSeconds *int32 `json:"killWaitSeconds,omitempty"`
	// MainTimeoutSeconds is how long main may take until it has submitted.
	MainTimeoutSeconds int32 `json:"mainTimeoutSeconds"`
}

// MountedImage is an image that is mounted into the submitting pod.
type MountedImage struct {
	// Root is where it is mounted, Path the JAR's path in it, or a glob, as the
	// spec has it; Image is named in messages.
	Root  string `json:"root"`
	Path  string `json:"path"`
	Image string `json:"image"`
	// SHA256 that the JAR must have, in hexadecimal; empty is any.
	SHA256 string `json:"sha256,omitempty"`
}
