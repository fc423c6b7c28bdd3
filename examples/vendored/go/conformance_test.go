// Package conformance holds go-sse to the vendored cases: `go test`.
package conformance

import (
	"bytes"
	"cmp"
	"io"
	"slices"
	"testing"

	"github.com/tmaxmax/go-sse"
)

const index = "../../../cases/exported/index.json" // where your copy is

// What your parser shows of an event.
type event struct{ Type, Data, LastEventID Text }

// Your parser, as your users drive it: a Read for each chunk in, what they see out.
func parse(chunks [][]byte) (seen []event) {
	var readers []io.Reader
	for _, chunk := range chunks {
		readers = append(readers, bytes.NewReader(chunk))
	}
	for e, err := range sse.Read(io.MultiReader(readers...), nil) {
		if err != nil {
			return append(seen, event{Type: "error", Data: Text(err.Error())})
		}
		seen = append(seen, event{Text(cmp.Or(e.Type, "message")), Text(e.Data), Text(e.LastEventID)})
	}
	return seen
}

func TestConformance(t *testing.T) {
	expected := expectedDeviations(t, "expected-deviations.txt")
	for _, c := range vendoredCases(t, index) {
		var answers [][]event
		for _, answer := range c.Answers {
			var events []event
			for _, e := range answer.Events {
				events = append(events, event{e.Type, e.Data, e.LastEventID})
			}
			answers = append(answers, events)
		}
		t.Run(c.ID, func(t *testing.T) {
			for _, chunks := range c.Deliveries {
				seen := parse(chunks)
				if slices.ContainsFunc(answers, func(events []event) bool { return slices.Equal(events, seen) }) {
					continue
				}
				if !expected[c.ID] {
					t.Errorf("%s\nof       %q\nseen     %q\nexpected %q", c.Why, chunks, seen, answers)
				}
				return
			}
			if expected[c.ID] {
				t.Error("take it off the list of expected deviations")
			}
		})
		delete(expected, c.ID)
	}
	if len(expected) > 0 {
		t.Error("expected deviations that are no cases:", expected)
	}
}
