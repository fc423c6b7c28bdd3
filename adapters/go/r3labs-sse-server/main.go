// The server of github.com/r3labs/sse behind the adapter protocol.
package main

import (
	"net/http"
	"net/url"
	"sync"

	"github.com/r3labs/sse/v2"

	"ssespec/adapters/go/protocol"
)

func main() {
	application := protocol.NewApplication(protocol.Server{
		Name:    "r3labs/sse",
		Version: protocol.ModuleVersion("github.com/r3labs/sse/v2"),
		Features: protocol.ServerFeatures{
			Fields:      []string{"data", "type", "id", "retry", "comment"},
			RetryText:   true,
			LastEventID: true,
			Disconnects: true,
			Headers:     true,
			Status:      true,
		},
	})
	server := sse.New()
	// With its replay each event gets a number for an id, whatever id the application has given to it.
	server.AutoReplay = false
	// What a stream is emitted to is known by its name, since each client has a stream of its own.
	var clients sync.Map
	server.OnSubscribe = func(streamID string, _ *sse.Subscriber) {
		client, _ := clients.LoadAndDelete(streamID)
		publish(server, streamID, client.(*protocol.EventClient))
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/{stream}", func(w http.ResponseWriter, r *http.Request) {
		client := application.Request(r.PathValue("stream"), r.Header.Get("Last-Event-ID"))
		if client == nil {
			http.NotFound(w, r)
			return
		}
		if client.Status != 0 {
			w.WriteHeader(client.Status)
			return
		}
		for name, value := range client.Headers {
			w.Header().Set(name, value)
		}
		go func() {
			<-r.Context().Done()
			client.Left()
		}()
		clients.Store(client.Handle, client)
		server.CreateStream(client.Handle)
		defer server.RemoveStream(client.Handle)
		r.URL.RawQuery = url.Values{"stream": {client.Handle}}.Encode()
		server.ServeHTTP(w, r)
	})
	application.Run(mux)
}

func publish(server *sse.Server, streamID string, client *protocol.EventClient) {
	// A panic in here, where no handler is, would end the whole program: an application has to catch it itself.
	defer func() { _ = recover() }()
	for emission := range client.Emissions() {
		event := &sse.Event{}
		if emission.Data != nil {
			event.Data = []byte(*emission.Data)
		}
		if emission.Type != nil {
			event.Event = []byte(*emission.Type)
		}
		if emission.ID != nil {
			event.ID = []byte(*emission.ID)
		}
		if emission.Retry != nil {
			event.Retry = []byte(*emission.Retry)
		}
		if emission.Comment != nil {
			event.Comment = []byte(*emission.Comment)
		}
		server.Publish(streamID, event)
	}
	// The handler stops at an event without data. RemoveStream would end the stream too, but drop what is still on its way.
	server.Publish(streamID, &sse.Event{})
}
