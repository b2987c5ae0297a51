package testkit

import (
	"encoding/binary"
	"strings"
)

// Class is the beginning of a class file: what a reader needs to know its name, and whether
// it has a main method. Java does not load it.
func Class(name string, withMain bool) string {
	texts := []string{strings.ReplaceAll(name, ".", "/")}
	if withMain {
		texts = append(texts, "main", "([Ljava/lang/String;)V")
	}
	class := []byte{0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, 52}
	class = binary.BigEndian.AppendUint16(class, uint16(len(texts)+4))
	class = append(class, 5, 0, 0, 0, 0, 0, 0, 0, 9) // a long, which has the numbers 1 and 2
	for _, text := range texts {
		class = append(class, 1)
		class = binary.BigEndian.AppendUint16(class, uint16(len(text)))
		class = append(class, text...)
	}
	this := uint16(len(texts) + 3)
	class = append(class, 7, 0, 3)
	class = append(class, 0, 0x21)
	return string(binary.BigEndian.AppendUint16(class, this))
}
