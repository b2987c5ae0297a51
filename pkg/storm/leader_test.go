package storm

import "testing"

func TestOtherMajor(t *testing.T) {
	for _, tc := range []struct {
		version, other string
		want           bool
	}{
		{"2.8.1", "3.0.0", true}, {"3.0.0-SNAPSHOT", "2.8.4", true}, {"10.0", "1.0", true},
		{"2.0.0", "2.8.1", false}, {"3.2.0", "3.0.0-SNAPSHOT", false},
		{"Unknown", "3.0.0", false}, {"", "3.0.0", false}, {"3", "2.8.1", false}, {"v3.0", "2.8.1", false},
	} {
		if OtherMajor(tc.version, tc.other) != tc.want || OtherMajor(tc.other, tc.version) != tc.want {
			t.Errorf("%q and %q: want %t", tc.version, tc.other, tc.want)
		}
	}
}
