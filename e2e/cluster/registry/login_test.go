package registry

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestLogin(t *testing.T) {
	handler := Handler(t.TempDir(), Login{Private: "mycompany/secret", User: "me", Password: "right"}, io.Discard)
	for name, test := range map[string]struct {
		path, password string
		want           int
		reason         string
	}{
		"a private image without a login":      {"/v2/mycompany/secret/manifests/1", "", http.StatusUnauthorized, "or no story could miss a pull secret"},
		"a private image with a wrong one":     {"/v2/mycompany/secret/manifests/1", "wrong", http.StatusUnauthorized, "or no story could have a wrong one"},
		"a private image with the right one":   {"/v2/mycompany/secret/manifests/1", "right", http.StatusNotFound, "it is not there, which only those are told who may know"},
		"another image without a login":        {"/v2/busybox/manifests/1", "", http.StatusNotFound, "most images are public"},
		"whoever pushes, without a login":      {"/v2/", "", http.StatusUnauthorized, "go-containerregistry sends a login only where it is asked here"},
		"whoever pushes, with the right login": {"/v2/", "right", http.StatusOK, ""},
	} {
		t.Run(name, func(t *testing.T) {
			request := httptest.NewRequest(http.MethodGet, test.path, nil)
			if test.password != "" {
				request.SetBasicAuth("me", test.password)
			}
			answer := httptest.NewRecorder()
			handler.ServeHTTP(answer, request)
			if answer.Code != test.want {
				t.Errorf("status %d, want %d: %s", answer.Code, test.want, test.reason)
			}
		})
	}
}
