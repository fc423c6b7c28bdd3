package protocol

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// echo gives each read back as an event, fails at "!" and panics at "?".
func echo(delivery *Delivery, report func(Event)) error {
	buffer := make([]byte, 4)
	for {
		n, err := delivery.Read(buffer)
		if err == io.EOF {
			return nil
		}
		text := string(buffer[:n])
		switch text {
		case "!":
			return errors.New("no shouting")
		case "?":
			panic("no questions")
		}
		report(Event{Data: Text(text)})
	}
}

func check(t *testing.T, request, expected string) {
	t.Helper()
	implementation := Implementation{
		Name:     "echo",
		Version:  "1.2.3",
		Features: Features{EventType: "raw", LastEventID: "none", ReconnectionTime: "none", Progress: true},
	}
	var answers strings.Builder
	if err := serve(implementation, echo, strings.NewReader(request+"\n"), &answers); err != nil {
		t.Fatal(err)
	}
	if answer := strings.TrimSuffix(answers.String(), "\n"); answer != expected {
		t.Errorf("asked %s\nexpected %s\nanswered %s", request, expected, answer)
	}
}

func TestInitializeTellsWhatCanBeSeen(t *testing.T) {
	check(t,
		`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":0,"role":"parser"}}`,
		`{"jsonrpc":"2.0","id":1,"result":{"implementation":"echo","version":"1.2.3","language":"Go","role":"parser",`+
			`"features":{"batch":true,"comments":false,"eventType":"raw","input":"bytes","lastEventId":"none",`+
			`"progress":true,"reconnectionTime":"none"}}}`)
}

func TestAnotherVersionOrRoleIsRefused(t *testing.T) {
	refusal := `{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"this adapter is a parser and speaks version 0"}}`
	check(t, `{"id":1,"method":"initialize","params":{"protocolVersion":1,"role":"parser"}}`, refusal)
	check(t, `{"id":1,"method":"initialize","params":{"protocolVersion":0,"role":"client"}}`, refusal)
}

func TestAnEmptyChunkIsPassedOnAndALongOneInParts(t *testing.T) {
	check(t,
		`{"id":2,"method":"parse","params":{"chunks":["YQ==","","YWJjZGU="]}}`,
		`{"jsonrpc":"2.0","id":2,"result":{"events":[{"type":"","data":"a","chunk":0},{"type":"","data":"","chunk":1},`+
			`{"type":"","data":"abcd","chunk":2},{"type":"","data":"e","chunk":2}]}}`)
}

func TestBytesThatAreNoTextComeBackUnharmed(t *testing.T) {
	check(t,
		`{"id":2,"method":"parse","params":{"chunks":["Yf8="]}}`,
		`{"jsonrpc":"2.0","id":2,"result":{"events":[{"type":"","data":{"base64":"Yf8="},"chunk":0}]}}`)
}

func TestAnErrorAndAPanicLeaveTheEventsSoFarAndTheOtherStreams(t *testing.T) {
	check(t,
		`{"id":3,"method":"parseAll","params":{"streams":[{"chunks":["YQ==","IQ=="]},{"chunks":["Pw=="]},{"chunks":[]}]}}`,
		`{"jsonrpc":"2.0","id":3,"result":{"results":[{"events":[{"type":"","data":"a","chunk":0}],"error":"no shouting"},`+
			`{"events":[],"error":"panicked: no questions"},{"events":[]}]}}`)
}

func TestWhatCannotBeAskedIsRefusedWithItsId(t *testing.T) {
	check(t,
		`{"id":"x","method":"connect"}`,
		`{"jsonrpc":"2.0","id":"x","error":{"code":-32601,"message":"unknown method connect"}}`)
	check(t,
		`nonsense`,
		`{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"invalid character 'o' in literal null (expecting 'u')"}}`)
}

func TestNothingIsReadAfterShutdown(t *testing.T) {
	check(t,
		`{"id":8,"method":"shutdown"}`+"\n"+`{"id":9,"method":"shutdown"}`,
		`{"jsonrpc":"2.0","id":8,"result":{}}`)
}

// A harness that waits for the answer to a whole request must get it, though half of the next one is there.
func TestAnswersAreFlushedBeforeTheNextRead(t *testing.T) {
	requests, write := io.Pipe()
	read, answers := io.Pipe()
	go func() {
		_ = serve(Implementation{}, echo, requests, answers)
		answers.Close()
	}()
	go write.Write([]byte(`{"id":1,"method":"parse","params":{"chunks":[]}}` + "\n" + `{"id":2,`))
	buffer := make([]byte, 100)
	n, err := read.Read(buffer)
	expected := `{"jsonrpc":"2.0","id":1,"result":{"events":[]}}` + "\n"
	if err != nil || string(buffer[:n]) != expected {
		t.Errorf("answered %q, %v", buffer[:n], err)
	}
	write.Close()
	if rest, err := io.ReadAll(read); err != nil || len(rest) > 0 {
		t.Errorf("answered %q to half a request, %v", rest, err)
	}
}
