package protocol

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log"
	"os"
	"sync"
	"time"
)

// closingTime is how long an application waits for a closed connection: what is between two attempts may sleep on.
const closingTime = time.Second

// Client is the client under test, and what of it can be seen.
type Client struct {
	Name     string
	Version  string
	Features ClientFeatures
	Connect  Connect
}

// ClientFeatures says what the client shows, in the values of ../../README.md.
type ClientFeatures struct {
	EventType   string
	LastEventID string
	Reconnects  bool
}

// Connect drives the implementation over one connection and returns when the implementation is through with it.
// An error says that the implementation has given up, nil that the stream is over and the implementation does not return.
// The context ends when the application wants the connection closed; what is returned then is no news to it.
type Connect func(ctx context.Context, url string, report *Reports) error

// Reports tells the harness at once what the implementation tells the application.
// Where the harness wants the connection closed inside a handler, the report of that name closes it.
type Reports struct {
	connection string
	closeOn    string
	close      context.CancelFunc
	output     *lines
}

// Open reports that the connection was announced.
func (reports *Reports) Open() {
	reports.notify("open", notice{})
}

// Event reports an event.
func (reports *Reports) Event(event Event) {
	reports.notify("event", notice{Event: &event})
}

// Error reports an error after which the implementation tries again.
func (reports *Reports) Error(err error) {
	reports.notify("error", notice{failure: &failure{Message: Text(err.Error())}})
}

func (reports *Reports) notify(method string, params notice) {
	params.Connection = reports.connection
	reports.output.write(notification{JSONRPC: "2.0", Method: method, Params: params})
	if method == reports.closeOn {
		reports.close()
	}
}

type notification struct {
	JSONRPC string `json:"jsonrpc"`
	Method  string `json:"method"`
	Params  notice `json:"params"`
}

type notice struct {
	Connection string `json:"connection"`
	*Event
	*failure
}

type failure struct {
	Fatal   bool `json:"fatal"`
	Message Text `json:"message"`
}

type connectParams struct {
	Connection string
	URL        string
	CloseOn    string
}

// lines writes messages that come from many connections, each as soon as it is made.
type lines struct {
	mutex  sync.Mutex
	output io.Writer
}

func (lines *lines) write(message any) {
	line, err := json.Marshal(message)
	if err != nil {
		log.Fatal(err)
	}
	lines.mutex.Lock()
	defer lines.mutex.Unlock()
	if _, err := lines.output.Write(append(line, '\n')); err != nil {
		log.Fatal(err)
	}
}

// ServeClient opens and closes connections until `shutdown` or the end of standard input.
func ServeClient(client Client) {
	output := os.Stdout
	// Standard output belongs to the protocol, whatever the implementation prints.
	os.Stdout = os.Stderr
	if err := serveClient(client, os.Stdin, output); err != nil {
		log.Fatal(err)
	}
}

func serveClient(client Client, requests io.Reader, answers io.Writer) error {
	input := bufio.NewReaderSize(requests, 1<<16)
	output := &lines{output: answers}
	connections := map[string]*connection{}
	for {
		line, err := input.ReadBytes('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		request, answer := read(line)
		if answer.Error != nil {
			output.write(answer)
			continue
		}
		answer.Result = struct{}{}
		switch request.Method {
		case "initialize":
			answer.Result, answer.Error = introduce(client, request.Params)
		case "connect":
			var params connectParams
			if err := json.Unmarshal(request.Params, &params); err != nil {
				answer.Result, answer.Error = nil, &refusal{Code: invalidParams, Message: err.Error()}
				break
			}
			// Answered first, so that no report can be faster.
			output.write(answer)
			connections[params.Connection] = client.open(params, output)
			continue
		case "disconnect":
			var params connectParams
			if err := json.Unmarshal(request.Params, &params); err != nil {
				answer.Result, answer.Error = nil, &refusal{Code: invalidParams, Message: err.Error()}
				break
			}
			if connection, ok := connections[params.Connection]; ok {
				delete(connections, params.Connection)
				go func() {
					connection.disconnect()
					output.write(answer)
				}()
				continue
			}
		case "shutdown":
			output.write(answer)
			return nil
		default:
			answer.Result, answer.Error = nil, &refusal{Code: unknownMethod, Message: "unknown method " + request.Method}
		}
		output.write(answer)
	}
}

func introduce(client Client, params json.RawMessage) (any, *refusal) {
	var asked initialize
	if err := json.Unmarshal(params, &asked); err != nil {
		return nil, &refusal{Code: invalidParams, Message: err.Error()}
	}
	if asked.ProtocolVersion != version || asked.Role != "client" {
		return nil, &refusal{Code: invalidParams, Message: "this adapter is a client and speaks version 0"}
	}
	return description{
		Implementation: client.Name,
		Version:        client.Version,
		Language:       "Go",
		Role:           "client",
		Features: map[string]any{
			"eventType":   client.Features.EventType,
			"lastEventId": client.Features.LastEventID,
			"reconnects":  client.Features.Reconnects,
		},
	}, nil
}

type connection struct {
	close context.CancelFunc
	// over is closed once the implementation is through with the connection.
	over chan struct{}
}

func (client Client) open(params connectParams, output *lines) *connection {
	ctx, cancel := context.WithCancel(context.Background())
	connection := &connection{cancel, make(chan struct{})}
	report := &Reports{params.Connection, params.CloseOn, cancel, output}
	go func() {
		defer close(connection.over)
		err := client.Connect(ctx, params.URL, report)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			report.notify("error", notice{failure: &failure{Fatal: true, Message: Text(err.Error())}})
		default:
			report.notify("end", notice{})
		}
	}()
	return connection
}

// disconnect closes and waits as an application does that wants to hear no more.
func (connection *connection) disconnect() {
	connection.close()
	select {
	case <-connection.over:
	case <-time.After(closingTime):
	}
}
