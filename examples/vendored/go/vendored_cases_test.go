package conformance

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
)

// The exported index to cases that are ready to try: copy this file as it is.

// VendoredCase is a case; a delivery is a list of chunks, and any one of the answers conforms.
type VendoredCase struct {
	ID, Why    string
	Deliveries [][][]byte
	Answers    []Answer
}

// Answer holds every event; what the case does not ask for is nil.
type Answer struct {
	Events []Event
	End    struct {
		LastEventID      *Text   `json:"last_event_id"`
		ReconnectionTime *string `json:"reconnection_time"`
	}
}

// Event is as the standard has it; BlockID is nil where the event's own block has no id.
type Event struct {
	Type, Data  Text
	LastEventID Text  `json:"last_event_id"`
	BlockID     *Text `json:"block_id"`
}

func vendoredCases(t *testing.T, index string) (cases []VendoredCase) {
	contents, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	var corpus struct {
		Cases []struct {
			ID, Why      string
			Stream       Stream
			Cuts, Chunks []int
			Answer
			OneOf []Answer `json:"one_of"`
		}
	}
	if err := json.Unmarshal(contents, &corpus); err != nil {
		t.Fatal(err)
	}
	for _, c := range corpus.Cases {
		if c.OneOf == nil {
			c.OneOf = []Answer{c.Answer}
		}
		ones := make([]int, min(len(c.Stream), 4096))
		for i := range ones {
			ones[i] = 1
		}
		deliveries := [][][]byte{cut(c.Stream), cut(c.Stream, ones...), cut(c.Stream, c.Chunks...)}
		for _, at := range c.Cuts {
			deliveries = append(deliveries, cut(c.Stream, at))
		}
		cases = append(cases, VendoredCase{c.ID, c.Why, deliveries, c.OneOf})
	}
	return cases
}

// The ids in a list: one on a line, after # a comment.
func expectedDeviations(t *testing.T, list string) map[string]bool {
	contents, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	expected := map[string]bool{}
	for _, id := range regexp.MustCompile(`(?m)^[^#\n]+`).FindAllString(string(contents), -1) {
		expected[id] = true
	}
	return expected
}

// Chunks of these lengths, and whatever is left.
func cut(stream []byte, lengths ...int) (chunks [][]byte) {
	for _, length := range lengths {
		chunks = append(chunks, stream[:length])
		stream = stream[length:]
	}
	return append(chunks, stream)
}

// Text is a list of pieces where it is long.
type Text string

func (t *Text) UnmarshalJSON(value []byte) error {
	if value[0] == '"' {
		return json.Unmarshal(value, (*string)(t))
	}
	var pieces []struct {
		Text  string
		Times int
	}
	err := json.Unmarshal(value, &pieces)
	for _, piece := range pieces {
		*t += Text(strings.Repeat(piece.Text, piece.Times))
	}
	return err
}

// Stream is in base64, and a list of pieces where it is long.
type Stream []byte

func (s *Stream) UnmarshalJSON(value []byte) error {
	if value[0] == '"' {
		return json.Unmarshal(value, (*[]byte)(s))
	}
	var pieces []struct {
		Base64 []byte
		Times  int
	}
	err := json.Unmarshal(value, &pieces)
	for _, piece := range pieces {
		*s = append(*s, bytes.Repeat(piece.Base64, piece.Times)...)
	}
	return err
}
