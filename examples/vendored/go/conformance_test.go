// Package conformance holds go-sse to the vendored cases: `go test`.
package conformance

import (
	"cmp"
	"testing"

	"github.com/tmaxmax/go-sse"
)

// Your parser, as your users drive it: a Read for each chunk in, what they see out.
func parse(chunks [][]byte) (seen Answer, err error) {
	for e, err := range sse.Read(reader(chunks), nil) {
		if err != nil {
			return seen, err
		}
		event := Values{"type": cmp.Or(e.Type, "message"), "data": e.Data, "last_event_id": e.LastEventID}
		seen.Events = append(seen.Events, event)
	}
	return seen, nil
}

func TestConformance(t *testing.T) {
	index := "../../../cases/exported/index.json" // where your copy is
	conformance(t, parse, index, "expected-deviations.txt", shows{Events: []string{"type", "data", "last_event_id"}})
}
