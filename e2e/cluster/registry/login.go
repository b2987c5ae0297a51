package registry

import (
	"crypto/subtle"
	"net/http"
	"strings"
)

// Login is who may see the images whose name begins with Private.
type Login struct{ Private, User, Password string }

// around requires the login. It requires it at /v2/ too, where a client that pushes checks
// whether there is a login; containerd never checks that.
func (l Login) around(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		private := r.URL.Path == "/v2/" || strings.HasPrefix(r.URL.Path, "/v2/"+l.Private)
		if l.Private == "" || !private || l.knows(r) {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="the registry of the stories"`)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}`))
	})
}

func (l Login) knows(r *http.Request) bool {
	user, password, ok := r.BasicAuth()
	right := subtle.ConstantTimeCompare([]byte(user+":"+password), []byte(l.User+":"+l.Password))
	return ok && right == 1
}
