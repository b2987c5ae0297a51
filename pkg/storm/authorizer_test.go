package storm

import "testing"

func TestAuthorizesNames(t *testing.T) {
	for _, test := range []struct {
		authorizer, names any
		want              bool
	}{
		{namingAuthorizer, defaultNames, true},
		{namingAuthorizer, nil, true},
		{namingAuthorizer, "com.example.NamesForAll", false},
		{"org.apache.storm.security.auth.authorizer.NoopAuthorizer", defaultNames, false},
		{nil, defaultNames, false},
		{[]any{namingAuthorizer}, nil, false},
	} {
		if got := AuthorizesNames(map[string]any{"nimbus.authorizer": test.authorizer, "storm.principal.tolocal": test.names}); got != test.want {
			t.Errorf("authorizer %v, names %v: %v", test.authorizer, test.names, got)
		}
	}
}
