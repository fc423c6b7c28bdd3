package protocol

import (
	"bufio"
	"context"
	"errors"
	"io"
	"testing"
)

// converse serves a client, sends it the requests, and expects the lines, which come from many connections, in their order.
func converse(t *testing.T, connect Connect, exchange ...[2]string) {
	t.Helper()
	requests, write := io.Pipe()
	read, answers := io.Pipe()
	client := Client{
		Name:     "echo",
		Version:  "1.2.3",
		Features: ClientFeatures{EventType: "raw", LastEventID: "stream", Reconnects: true},
		Connect:  connect,
	}
	go func() {
		_ = serveClient(client, requests, answers)
		answers.Close()
	}()
	lines := bufio.NewScanner(read)
	for _, step := range exchange {
		if request := step[0]; request != "" {
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

const connectC1 = `{"id":1,"method":"connect","params":{"connection":"c1","url":"u","listen":[]}}`

func TestAClientTellsWhatCanBeSeen(t *testing.T) {
	converse(t, nil,
		[2]string{
			`{"id":1,"method":"initialize","params":{"protocolVersion":0,"role":"client"}}`,
			`{"jsonrpc":"2.0","id":1,"result":{"implementation":"echo","version":"1.2.3","language":"Go","role":"client",` +
				`"features":{"eventType":"raw","lastEventId":"stream","reconnects":true}}}`,
		},
		[2]string{
			`{"id":2,"method":"initialize","params":{"protocolVersion":0,"role":"parser"}}`,
			`{"jsonrpc":"2.0","id":2,"error":{"code":-32602,"message":"this adapter is a client and speaks version 0"}}`,
		})
}

func TestReportsCarryTheirConnectionAndTheLastOneIsTheEndOrAFatalError(t *testing.T) {
	connect := func(ctx context.Context, request Request, report *Reports) error {
		report.Open()
		report.Event(Event{Type: "add", Data: "a", LastEventID: "7"})
		report.Error(errors.New("lost"))
		if request.URL == "u" {
			return nil
		}
		return errors.New("given up")
	}
	converse(t, connect,
		[2]string{connectC1, `{"jsonrpc":"2.0","id":1,"result":{}}`},
		[2]string{"", `{"jsonrpc":"2.0","method":"open","params":{"connection":"c1"}}`},
		[2]string{"", `{"jsonrpc":"2.0","method":"event","params":{"connection":"c1","type":"add","data":"a","lastEventId":"7"}}`},
		[2]string{"", `{"jsonrpc":"2.0","method":"error","params":{"connection":"c1","fatal":false,"message":"lost"}}`},
		[2]string{"", `{"jsonrpc":"2.0","method":"end","params":{"connection":"c1"}}`},
		[2]string{
			`{"id":2,"method":"connect","params":{"connection":"c2","url":"v","listen":[]}}`,
			`{"jsonrpc":"2.0","id":2,"result":{}}`,
		},
		[2]string{"", `{"jsonrpc":"2.0","method":"open","params":{"connection":"c2"}}`},
		[2]string{"", `{"jsonrpc":"2.0","method":"event","params":{"connection":"c2","type":"add","data":"a","lastEventId":"7"}}`},
		[2]string{"", `{"jsonrpc":"2.0","method":"error","params":{"connection":"c2","fatal":false,"message":"lost"}}`},
		[2]string{"", `{"jsonrpc":"2.0","method":"error","params":{"connection":"c2","fatal":true,"message":"given up"}}`})
}

func TestDisconnectIsAnsweredWhenTheImplementationIsThroughAndSaysNothingOfIt(t *testing.T) {
	connect := func(ctx context.Context, request Request, report *Reports) error {
		<-ctx.Done()
		report.Event(Event{Data: "the last one"})
		return ctx.Err()
	}
	converse(t, connect,
		[2]string{connectC1, `{"jsonrpc":"2.0","id":1,"result":{}}`},
		[2]string{
			`{"id":2,"method":"disconnect","params":{"connection":"c1"}}`,
			`{"jsonrpc":"2.0","method":"event","params":{"connection":"c1","type":"","data":"the last one"}}`,
		},
		[2]string{"", `{"jsonrpc":"2.0","id":2,"result":{}}`},
		[2]string{
			`{"id":3,"method":"disconnect","params":{"connection":"c1"}}`,
			`{"jsonrpc":"2.0","id":3,"result":{}}`,
		})
}

func TestAReportThatClosesDoesSoBeforeItReturns(t *testing.T) {
	connect := func(ctx context.Context, request Request, report *Reports) error {
		report.Open()
		if ctx.Err() != nil {
			return errors.New("closed too early")
		}
		report.Event(Event{Data: "a"})
		if ctx.Err() == nil {
			return errors.New("still open")
		}
		return ctx.Err()
	}
	converse(t, connect,
		[2]string{
			`{"id":1,"method":"connect","params":{"connection":"c1","url":"u","listen":[],"closeOn":"event"}}`,
			`{"jsonrpc":"2.0","id":1,"result":{}}`,
		},
		[2]string{"", `{"jsonrpc":"2.0","method":"open","params":{"connection":"c1"}}`},
		[2]string{"", `{"jsonrpc":"2.0","method":"event","params":{"connection":"c1","type":"","data":"a"}}`},
		[2]string{
			`{"id":2,"method":"shutdown"}`,
			`{"jsonrpc":"2.0","id":2,"result":{}}`,
		})
}
