// The reader of github.com/tmaxmax/go-sse behind the adapter protocol.
package main

import (
	"github.com/tmaxmax/go-sse"

	"ssespec/adapters/go/protocol"
)

func main() {
	protocol.Serve(protocol.Implementation{
		Name:     "go-sse",
		Version:  protocol.ModuleVersion("github.com/tmaxmax/go-sse"),
		Features: protocol.Features{EventType: "raw", LastEventID: "stream", ReconnectionTime: "none", Progress: true},
	}, parse)
}

func parse(delivery *protocol.Delivery, report func(protocol.Event)) error {
	for event, err := range sse.Read(delivery, nil) {
		if err != nil {
			return err
		}
		report(protocol.Event{
			Type:        protocol.Text(event.Type),
			Data:        protocol.Text(event.Data),
			LastEventID: protocol.Text(event.LastEventID),
		})
	}
	return nil
}
