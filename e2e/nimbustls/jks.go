package nimbustls

import (
	"bytes"
	"crypto/rand"
	"crypto/sha1"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"fmt"
	"time"
	"unicode/utf16"
)

// Password is that of each key store and of the key in it.
const Password = "stormhooks"

// The format of Java's key stores, and the protection of a key in them, are those of
// JavaKeyStore and KeyProtector (OpenJDK, sun.security.provider).
const (
	magic, formatVersion = 0xFEEDFEED, 2
	keyEntry, caEntry    = 1, 2
	whitener             = "Mighty Aphrodite"
)

var keyProtector = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 42, 2, 17, 1, 1}

// KeyStore is the pair, with who signed it, as a key store of type JKS.
func (p Pair) KeyStore() ([]byte, error) {
	protected, err := protect(p.key)
	if err != nil {
		return nil, err
	}
	s := begin(keyEntry, "own")
	s.sized(protected)
	s.number(uint32(len(p.chain)))
	for _, certificate := range p.chain {
		s.certificate(certificate)
	}
	return s.end(), nil
}

// TrustStore is the authority as a key store of type JKS.
func (a *Authority) TrustStore() []byte {
	s := begin(caEntry, "authority")
	s.certificate(a.certificate.Raw)
	return s.end()
}

// store is a key store with one entry.
type store struct{ bytes.Buffer }

func begin(kind uint32, alias string) *store {
	s := &store{}
	for _, n := range []uint32{magic, formatVersion, 1, kind} {
		s.number(n)
	}
	s.text(alias)
	s.Write(binary.BigEndian.AppendUint64(nil, uint64(time.Now().UnixMilli())))
	return s
}

func (s *store) number(n uint32) { s.Write(binary.BigEndian.AppendUint32(nil, n)) }

func (s *store) text(text string) {
	s.Write(binary.BigEndian.AppendUint16(nil, uint16(len(text))))
	s.WriteString(text)
}

func (s *store) sized(content []byte) {
	s.number(uint32(len(content)))
	s.Write(content)
}

func (s *store) certificate(der []byte) {
	s.text("X.509")
	s.sized(der)
}

func (s *store) end() []byte {
	digest := sha1.Sum(append(append(password(), whitener...), s.Bytes()...))
	return append(s.Bytes(), digest[:]...)
}

// password is in UTF-16, as Java has it.
func password() (encoded []byte) {
	for _, unit := range utf16.Encode([]rune(Password)) {
		encoded = binary.BigEndian.AppendUint16(encoded, unit)
	}
	return encoded
}

// protect hides a key with the password: salt, key, digest.
func protect(key []byte) ([]byte, error) {
	salt := make([]byte, sha1.Size)
	if _, err := rand.Read(salt); err != nil {
		return nil, fmt.Errorf("making a salt: %w", err)
	}
	digest := sha1.Sum(append(password(), key...))
	hidden := append(append(bytes.Clone(salt), hide(key, salt)...), digest[:]...)
	return asn1.Marshal(struct {
		Algorithm pkix.AlgorithmIdentifier
		Hidden    []byte
	}{pkix.AlgorithmIdentifier{Algorithm: keyProtector, Parameters: asn1.NullRawValue}, hidden})
}

// hide combines a text with a stream that the password and the salt give. The same again
// shows the text.
func hide(text, salt []byte) []byte {
	hidden, stream := bytes.Clone(text), salt
	for at := range hidden {
		if at%sha1.Size == 0 {
			next := sha1.Sum(append(password(), stream...))
			stream = next[:]
		}
		hidden[at] ^= stream[at%sha1.Size]
	}
	return hidden
}
