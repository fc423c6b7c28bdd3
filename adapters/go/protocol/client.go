package protocol

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/cookiejar"
	"os"
	"strings"
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
	// Offers names what of a Request beside the URL the client takes.
	Offers []string
}

// Request is what the harness asks a client to connect with; what it does not ask for is zero.
type Request struct {
	URL         string
	Method      string
	Body        string
	Headers     map[string]string
	LastEventID string
	// InitialReconnectionTime is in milliseconds.
	InitialReconnectionTime int
	WithCredentials         bool
}

// HTTP makes the request, without what is not HTTP's business.
func (request Request) HTTP(ctx context.Context) (*http.Request, error) {
	method := request.Method
	if method == "" {
		method = http.MethodGet
	}
	// A reader of strings can be read again for each attempt.
	var body io.Reader
	if request.Body != "" {
		body = strings.NewReader(request.Body)
	}
	made, err := http.NewRequestWithContext(ctx, method, request.URL, body)
	if err != nil {
		return nil, err
	}
	for name, value := range request.Headers {
		made.Header.Set(name, value)
	}
	return made, nil
}

// Client gives the HTTP client of an application that keeps cookies, or none where it does not.
func (request Request) Client() (*http.Client, error) {
	if !request.WithCredentials {
		return nil, nil
	}
	jar, err := cookiejar.New(nil)
	return &http.Client{Jar: jar}, err
}

// Connect drives the implementation over one connection and returns when the implementation is through with it.
// An error says that the implementation has given up, nil that the stream is over and the implementation does not return.
// The context ends when the application wants the connection closed; what is returned then is no news to it.
type Connect func(ctx context.Context, request Request, report *Reports) error

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
	CloseOn    string
	Request
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
	features := map[string]any{
		"eventType":   client.Features.EventType,
		"lastEventId": client.Features.LastEventID,
		"reconnects":  client.Features.Reconnects,
	}
	for _, offer := range client.Features.Offers {
		features[offer] = true
	}
	return description{
		Implementation: client.Name,
		Version:        client.Version,
		Language:       "Go",
		Role:           "client",
		Features:       features,
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
		err := client.Connect(ctx, params.Request, report)
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
