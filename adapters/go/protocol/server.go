package protocol

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
)

// Server is the server under test, and what its interface can do.
type Server struct {
	Name     string
	Version  string
	Features ServerFeatures
}

// ServerFeatures says what the server's interface can do, in the values of ../../README.md.
type ServerFeatures struct {
	Fields      []string `json:"fields"`
	RetryText   bool     `json:"retryText"`
	WithoutData bool     `json:"withoutData"`
	LastEventID bool     `json:"lastEventId"`
	Disconnects bool     `json:"disconnects"`
	Headers     bool     `json:"headers"`
	Status      bool     `json:"status"`
}

// Application is what the server belongs to: it knows which events to emit to whom, and when.
type Application struct {
	server Server
	output *lines
	// url is where the server listens.
	url string

	mutex    sync.Mutex
	streams  map[string]*stream
	nClients int
}

type stream struct {
	params  serveParams
	clients map[string]*EventClient
}

type serveParams struct {
	Stream string
	Events []Emission
	Pace   string
	End    string
	// Status is what the application answers with, in place of a stream; 0 where the harness does not want that.
	Status  int
	Headers map[string]string
}

// NewApplication returns an application that serves nothing yet.
func NewApplication(server Server) *Application {
	output := &lines{output: os.Stdout}
	// Standard output belongs to the protocol, whatever the implementation prints.
	os.Stdout = os.Stderr
	return newApplication(server, output)
}

func newApplication(server Server, output *lines) *Application {
	return &Application{server: server, output: output, streams: map[string]*stream{}}
}

// Run lets the handler answer on a free port and speaks the protocol until `shutdown` or the end of standard input.
func (application *Application) Run(handler http.Handler) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go func() { log.Fatal(http.Serve(listener, handler)) }()
	application.url = "http://" + listener.Addr().String()
	if err := application.converse(os.Stdin); err != nil {
		log.Fatal(err)
	}
}

// Request tells the harness that a request for a stream came, with the Last-Event-ID as the application sees it.
// It returns nil if no such stream is served.
func (application *Application) Request(name, lastEventID string) *EventClient {
	application.mutex.Lock()
	stream, ok := application.streams[name]
	if !ok {
		application.mutex.Unlock()
		return nil
	}
	application.nClients++
	client := newEventClient(name, fmt.Sprintf("k%d", application.nClients), stream.params, application.output)
	stream.clients[client.Handle] = client
	application.mutex.Unlock()
	client.notify("request", clientNotice{LastEventID: Text(lastEventID)})
	return client
}

func (application *Application) converse(requests io.Reader) error {
	input := bufio.NewReaderSize(requests, 1<<16)
	for {
		line, err := input.ReadBytes('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		request, answer := read(line)
		act := func() {}
		if answer.Error == nil {
			answer.Result, act, answer.Error = application.reply(request)
		}
		application.output.write(answer)
		if answer.Error == nil {
			act()
		}
		if request.Method == "shutdown" {
			return nil
		}
	}
}

// reply returns the result, and what to do once it is written, so that no report of that can be faster.
func (application *Application) reply(request request) (any, func(), *refusal) {
	var params struct {
		initialize
		serveParams
		Client string
		Index  int
	}
	if request.Params != nil {
		if err := json.Unmarshal(request.Params, &params); err != nil {
			return nil, nil, &refusal{Code: invalidParams, Message: err.Error()}
		}
	}
	application.mutex.Lock()
	defer application.mutex.Unlock()
	nothing := func() {}
	served := application.streams[params.Stream]
	switch request.Method {
	case "initialize":
		if params.ProtocolVersion != version || params.Role != "server" {
			return nil, nil, &refusal{Code: invalidParams, Message: "this adapter is a server and speaks version 0"}
		}
		return map[string]any{
			"implementation": application.server.Name,
			"version":        application.server.Version,
			"language":       "Go",
			"role":           "server",
			"features":       application.server.Features,
		}, nothing, nil
	case "serve":
		application.streams[params.Stream] = &stream{params.serveParams, map[string]*EventClient{}}
		return map[string]string{"url": application.url + "/" + params.Stream}, nothing, nil
	case "emit":
		if served == nil || served.clients[params.Client] == nil {
			return struct{}{}, nothing, nil
		}
		client := served.clients[params.Client]
		return struct{}{}, func() { client.ask(params.Index) }, nil
	case "stop":
		delete(application.streams, params.Stream)
		if served == nil {
			return struct{}{}, nothing, nil
		}
		clients := slices.Collect(maps.Values(served.clients))
		return struct{}{}, func() {
			for _, client := range clients {
				client.stop()
			}
		}, nil
	case "shutdown":
		return struct{}{}, nothing, nil
	default:
		return nil, nil, &refusal{Code: unknownMethod, Message: "unknown method " + request.Method}
	}
}
