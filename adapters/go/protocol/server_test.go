package protocol

import (
	"bufio"
	"errors"
	"io"
	"testing"
)

// attend serves an application, sends it the requests, and expects the lines.
// With "stream s1" in place of a request a client asks for that stream, and the handler is left to it.
func attend(t *testing.T, handle func(*EventClient), exchange ...[2]string) {
	t.Helper()
	requests, write := io.Pipe()
	read, answers := io.Pipe()
	server := Server{
		Name:     "echo",
		Version:  "1.2.3",
		Features: ServerFeatures{Fields: []string{"data"}, LastEventID: true},
	}
	application := newApplication(server, &lines{output: answers})
	application.url = "http://u"
	go func() {
		_ = application.converse(requests)
		answers.Close()
	}()
	lines := bufio.NewScanner(read)
	for _, step := range exchange {
		switch request := step[0]; request {
		case "":
		case "stream s1":
			go func() { handle(application.Request("s1", "7")) }()
		default:
			go write.Write([]byte(request + "\n"))
		}
		if !lines.Scan() || lines.Text() != step[1] {
			t.Fatalf("asked %s\nexpected %s\nanswered %s", step[0], step[1], lines.Text())
		}
	}
	write.Close()
	if lines.Scan() {
		t.Errorf("nobody asked for %s", lines.Text())
	}
}

var (
	done      = `{"jsonrpc":"2.0","id":1,"result":{}}`
	served    = `{"jsonrpc":"2.0","id":1,"result":{"url":"http://u/s1"}}`
	requested = `{"jsonrpc":"2.0","method":"request","params":{"stream":"s1","client":"k1","lastEventId":"7"}}`
)

// seen is a line that shows that the handler has got an event.
func seen(index, message string) string {
	return `{"jsonrpc":"2.0","method":"rejected","params":{"stream":"s1","client":"k1","index":` + index +
		`,"message":"` + message + `"}}`
}

func emit(index string) string {
	return `{"id":1,"method":"emit","params":{"stream":"s1","client":"k1","index":` + index + `}}`
}

func serveS1(rest string) string {
	return `{"id":1,"method":"serve","params":{"stream":"s1",` + rest + `}}`
}

func TestAServerTellsWhatItCanDo(t *testing.T) {
	attend(t, nil,
		[2]string{
			`{"id":1,"method":"initialize","params":{"protocolVersion":0,"role":"server"}}`,
			`{"jsonrpc":"2.0","id":1,"result":{"features":{"fields":["data"],"retryText":false,"withoutData":false,` +
				`"lastEventId":true,"disconnects":false,"headers":false,"status":false},"implementation":"echo","language":"Go","role":"server","version":"1.2.3"}}`,
		},
		[2]string{
			`{"id":2,"method":"initialize","params":{"protocolVersion":0,"role":"client"}}`,
			`{"jsonrpc":"2.0","id":2,"error":{"code":-32602,"message":"this adapter is a server and speaks version 0"}}`,
		})
}

func TestEventsComeAllAtOnceOrWhenTheyAreAskedFor(t *testing.T) {
	handle := func(client *EventClient) {
		for emission := range client.Emissions() {
			message := "no data"
			if emission.Data != nil {
				message = *emission.Data
			}
			if emission.Retry != nil {
				message += " " + string(*emission.Retry)
			}
			client.Rejected(emission, errors.New(message))
		}
	}
	attend(t, handle,
		[2]string{serveS1(`"events":[{"data":"a"},{"retry":5},{"data":"","retry":"5s"}],"pace":"free","end":"close"`), served},
		[2]string{"stream s1", requested},
		[2]string{"", seen("0", "a")},
		[2]string{"", seen("1", "no data 5")},
		[2]string{"", seen("2", " 5s")})
	attend(t, handle,
		[2]string{serveS1(`"events":[{"data":"a"},{"data":"b"}],"pace":"asked","end":"hold"`), served},
		[2]string{"stream s1", requested},
		[2]string{emit("1"), done},
		[2]string{"", seen("1", "b")},
		[2]string{emit("0"), done},
		[2]string{"", seen("0", "a")})
}

func TestAStopAndAClientThatLeavesEndAStreamThatIsHeldOpen(t *testing.T) {
	stop := `{"id":1,"method":"stop","params":{"stream":"s1"}}`
	held := `"events":[],"pace":"free","end":"hold"`
	over := seen("0", "over")
	wait := func(client *EventClient) {
		for range client.Emissions() {
		}
		// It is news no more.
		client.Left()
		client.Rejected(Emission{}, errors.New("over"))
	}
	attend(t, wait, [2]string{serveS1(held), served}, [2]string{"stream s1", requested}, [2]string{stop, done}, [2]string{"", over})

	leave := func(client *EventClient) {
		client.Left()
		wait(client)
	}
	attend(t, leave,
		[2]string{serveS1(held), served},
		[2]string{"stream s1", requested},
		[2]string{"", `{"jsonrpc":"2.0","method":"disconnected","params":{"stream":"s1","client":"k1"}}`},
		[2]string{"", over},
		// Whoever has left is told nothing more.
		[2]string{emit("0"), done})
}

func TestAHandlerIsToldTheStatusAndTheHeadersOfItsAnswer(t *testing.T) {
	answer := func(client *EventClient) {
		client.Rejected(Emission{Index: client.Status}, errors.New(client.Headers["x-a"]))
	}
	attend(t, answer,
		[2]string{`{"id":1,"method":"serve","params":{"stream":"s1","events":[],"status":204,"headers":{"x-a":"b"}}}`, served},
		[2]string{"stream s1", requested},
		[2]string{"", seen("204", "b")},
	)
}

func TestAnApplicationThatFailsPanicsAfterItsLastEvent(t *testing.T) {
	handle := func(client *EventClient) {
		defer func() {
			client.Rejected(Emission{}, errors.New(recover().(string)))
		}()
		for emission := range client.Emissions() {
			client.Rejected(emission, errors.New("first"))
		}
	}
	attend(t, handle,
		[2]string{serveS1(`"events":[{"data":"a"}],"pace":"free","end":"fail"`), served},
		[2]string{"stream s1", requested},
		[2]string{"", seen("0", "first")},
		[2]string{"", seen("0", "the application fails")})
}
