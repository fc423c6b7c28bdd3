package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
)

// The exported cases as tests for go test: copy this file as it is.

// Answer is what is expected, or seen.
type Answer struct {
	Events []Values
	End    Values
}

// Values are those of an event or of the end, by the keys of the index; what there is none of has no key.
type Values map[string]string

// The function that drives a parser.
type parser func(chunks [][]byte) (Answer, error)

// The keys that the parser shows of events and of the end; no other is compared.
type shows struct{ Events, End []string }

// One test for each case of the index; a case on the list of expected deviations has to deviate.
func conformance(t *testing.T, parse parser, index, expectedDeviations string, shows shows) {
	expected := ids(t, expectedDeviations)
	for _, c := range cases(t, index) {
		isExpected := expected[c.ID]
		delete(expected, c.ID)
		t.Run(c.ID, func(t *testing.T) {
			deviation := c.deviation(parse, shows)
			if isExpected && deviation == "" {
				t.Error("take it off the list of expected deviations")
			} else if !isExpected && deviation != "" {
				t.Error(deviation)
			}
		})
	}
	if len(expected) > 0 {
		t.Error("no cases:", slices.Sorted(maps.Keys(expected)))
	}
}

// An io.Reader for parse: a Read for each chunk.
func reader(chunks [][]byte) io.Reader {
	var readers []io.Reader
	for _, chunk := range chunks {
		readers = append(readers, bytes.NewReader(chunk))
	}
	return io.MultiReader(readers...)
}

type vendoredCase struct {
	ID, Why      string
	Stream       stream
	Cuts, Chunks []int
	Answer
	OneOf []Answer `json:"one_of"`
}

func cases(t *testing.T, index string) []vendoredCase {
	contents, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	var corpus struct{ Cases []vendoredCase }
	if err := json.Unmarshal(contents, &corpus); err != nil {
		t.Fatal(err)
	}
	return corpus.Cases
}

// The ids in a list: one on a line, behind # a comment.
func ids(t *testing.T, list string) map[string]bool {
	contents, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, line := range strings.Split(string(contents), "\n") {
		id, _, _ := strings.Cut(line, "#")
		ids[strings.TrimSpace(id)] = true
	}
	delete(ids, "")
	return ids
}

// The first delivery that deviates, in words; empty if none does.
func (c *vendoredCase) deviation(parse parser, shows shows) string {
	answers := c.OneOf
	if answers == nil {
		answers = []Answer{c.Answer}
	}
	for _, chunks := range c.deliveries() {
		seen, err := see(parse, chunks)
		conforms := false
		var expected []string
		for _, answer := range answers {
			view := answer.view(seen, shows)
			conforms = conforms || err == nil && view.equals(seen)
			if shown := view.String(); !slices.Contains(expected, shown) {
				expected = append(expected, shown)
			}
		}
		if !conforms {
			shown := seen.String()
			if err != nil {
				shown += " and then " + err.Error()
			}
			stream := short(fmt.Sprintf("%+q", chunks))
			return c.Why + "\nstream   " + stream + "\nseen     " + shown + "\nexpected " + strings.Join(expected, "\n      or ")
		}
	}
	return ""
}

// Whole, byte by byte, cut in two at each of Cuts, and in the case's own chunks.
func (c *vendoredCase) deliveries() [][][]byte {
	ones := slices.Repeat([]int{1}, min(len(c.Stream), 4096))
	deliveries := [][][]byte{cut(c.Stream), cut(c.Stream, ones...), cut(c.Stream, c.Chunks...)}
	for _, at := range c.Cuts {
		deliveries = append(deliveries, cut(c.Stream, at))
	}
	return deliveries
}

// Chunks of these lengths, and whatever is left.
func cut(stream []byte, lengths ...int) (chunks [][]byte) {
	for _, length := range lengths {
		chunks = append(chunks, stream[:length])
		stream = stream[length:]
	}
	if len(stream) > 0 {
		chunks = append(chunks, stream)
	}
	return chunks
}

func see(parse parser, chunks [][]byte) (seen Answer, err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("panic: %v\n%s", panicked, debug.Stack())
		}
	}()
	return parse(chunks)
}

// An answer as such a parser shows it; what the case does not ask of the end is as it was seen.
func (a Answer) view(seen Answer, shows shows) Answer {
	view := Answer{End: pick(seen.End, shows.End)}
	maps.Copy(view.End, pick(a.End, shows.End))
	for _, event := range a.Events {
		view.Events = append(view.Events, pick(event, shows.Events))
	}
	return view
}

func pick(values Values, keys []string) Values {
	picked := Values{}
	for _, key := range keys {
		if value, ok := values[key]; ok {
			picked[key] = value
		}
	}
	return picked
}

func (a Answer) equals(b Answer) bool {
	return slices.EqualFunc(a.Events, b.Events, maps.Equal[Values]) && maps.Equal(a.End, b.End)
}

func (a Answer) String() string {
	return short(fmt.Sprintf("events %+q end %+q", a.Events, a.End))
}

func short(line string) string {
	if len(line) > 2000 {
		return fmt.Sprintf("%s... (%d bytes)", line[:2000], len(line))
	}
	return line
}

func (v *Values) UnmarshalJSON(object []byte) error {
	var texts map[string]text
	err := json.Unmarshal(object, &texts)
	*v = Values{}
	for key, value := range texts {
		(*v)[key] = string(value)
	}
	return err
}

// Where it is long, a list of pieces.
type text string

func (t *text) UnmarshalJSON(value []byte) error {
	if value[0] == '"' {
		return json.Unmarshal(value, (*string)(t))
	}
	var pieces []struct {
		Text  string
		Times int
	}
	err := json.Unmarshal(value, &pieces)
	for _, piece := range pieces {
		*t += text(strings.Repeat(piece.Text, piece.Times))
	}
	return err
}

// In base64, and where it is long, a list of pieces.
type stream []byte

func (s *stream) UnmarshalJSON(value []byte) error {
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
