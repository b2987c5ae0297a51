package lyingstorm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// Lie is how a Storm lies.
type Lie string

// The lies.
const (
	Honest  Lie = "honest"
	Mute    Lie = "mute"    // accepts, and never answers
	Slow    Lie = "slow"    // takes Wait for each answer
	Trickle Lie = "trickle" // sends a letter each Wait
	Huge    Lie = "huge"    // announces 2 GiB, and keeps sending
	Broken  Lie = "broken"  // answers with frames that are not Thrift
	Swallow Lie = "swallow" // says nothing to frames over 1 MiB, as the real one does
	Circle  Lie = "circle"  // names Other as the leader
	Denier  Lie = "denier"  // lists its topologies and denies each, as one that does not lead
	Faints  Lie = "faints"  // says that it leads, and is mute to all else

	Crowded     Lie = "crowded"     // lists 16,000 more: nearly what is kept
	Overcrowded Lie = "overcrowded" // lists 17,000 more: more than is kept
)

// Lies are all but the honest one.
var Lies = []Lie{Mute, Slow, Trickle, Huge, Broken, Swallow, Circle, Denier, Faints, Crowded, Overcrowded}

// Address is a Nimbus's.
type Address struct {
	Host string
	Port int32
}

func (a Address) String() string { return fmt.Sprintf("%s:%d", a.Host, a.Port) }

// Storm is one Nimbus and what it says.
type Storm struct {
	Lie Lie
	// Self is what it calls itself, Other whom a Circle names.
	Self, Other Address
	Topologies  []Topology
	// Says is said in every field that holds words, and in each exception, if it is set.
	Says string
	// Conf is more of its own conf: JSON members, with a comma before them.
	Conf string
	// Wait of Slow and Trickle; 0 is 1.9 s and 100 ms.
	Wait time.Duration
	// Asked is told of each call, if it is set.
	Asked func(method string)
}

// Topology is one that it lists.
type Topology struct {
	ID, Name, Status string
	// Conf is JSON.
	Conf string
}

// Serve answers until the listener is closed.
func (s *Storm) Serve(listener net.Listener) error {
	for {
		conn, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		go s.serve(conn)
	}
}

const (
	// swallowed is Storm's nimbus.thrift.max_buffer_size (conf/defaults.yaml, v2.8.1).
	swallowed = 1 << 20
	longest   = 64 << 20
)

func (s *Storm) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	for {
		var head [4]byte
		if _, err := io.ReadFull(conn, head[:]); err != nil {
			return
		}
		size := binary.BigEndian.Uint32(head[:])
		if s.Lie == Mute || s.Lie == Swallow && size > swallowed || size > longest {
			_, _ = io.Copy(io.Discard, conn)
			return
		}
		body := make([]byte, size)
		if _, err := io.ReadFull(conn, body); err != nil {
			return
		}
		if !s.answer(conn, body) {
			return
		}
	}
}

// answer says whether the connection is of use after it.
func (s *Storm) answer(conn net.Conn, body []byte) bool {
	call, err := readCall(body)
	if err != nil {
		return false
	}
	if s.Asked != nil {
		s.Asked(call.method)
	}
	honest := s.honest(call)
	switch s.Lie {
	case Slow:
		time.Sleep(s.wait(1900 * time.Millisecond))
	case Trickle:
		for i := range honest {
			if _, err := conn.Write(honest[i : i+1]); err != nil {
				return false
			}
			time.Sleep(s.wait(100 * time.Millisecond))
		}
		return true
	case Huge:
		return s.endless(conn)
	case Broken:
		honest = append([]byte{0, 0, 0, 64}, make([]byte, 64)...)
		copy(honest[8:], body)
	case Faints:
		if call.method != "getLeader" {
			_, _ = io.Copy(io.Discard, conn)
			return false
		}
	}
	_, err = conn.Write(honest)
	return err == nil
}

// endless sends two gigabytes of nothing, as fast as they are taken.
func (s *Storm) endless(conn net.Conn) bool {
	part := make([]byte, 64<<10)
	binary.BigEndian.PutUint32(part, 1<<31-1)
	for sent := 0; sent < 1<<31; sent += len(part) {
		if _, err := conn.Write(part); err != nil {
			return false
		}
		clear(part[:4])
	}
	return false
}

// says is the usual text, or what the Storm says in its place.
func (s *Storm) says(usual string) string {
	if s.Says != "" {
		return s.Says
	}
	return usual
}

func (s *Storm) wait(usual time.Duration) time.Duration {
	if s.Wait > 0 {
		return s.Wait
	}
	return usual
}
