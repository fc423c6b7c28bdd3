// The decoder under every streamed answer of github.com/openai/openai-go behind the adapter protocol.
// Its Stream, one layer up, reads JSON out of the data.
package main

import (
	"io"
	"net/http"

	"github.com/openai/openai-go/v3/packages/ssestream"

	"ssespec/adapters/go/protocol"
)

func main() {
	protocol.Serve(protocol.Implementation{
		Name:     "openai-go",
		Version:  protocol.ModuleVersion("github.com/openai/openai-go/v3"),
		Features: protocol.Features{EventType: "raw", LastEventID: "none", ReconnectionTime: "none", Progress: true},
	}, parse)
}

func parse(delivery *protocol.Delivery, report func(protocol.Event)) error {
	response := &http.Response{
		Header: http.Header{"Content-Type": {"text/event-stream"}},
		Body:   io.NopCloser(delivery),
	}
	decoder := ssestream.NewDecoder(response)
	for decoder.Next() {
		event := decoder.Event()
		report(protocol.Event{Type: protocol.Text(event.Type), Data: protocol.Text(event.Data)})
	}
	return decoder.Err()
}
