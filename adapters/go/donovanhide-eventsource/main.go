// The decoder of github.com/donovanhide/eventsource behind the adapter protocol.
package main

import (
	"io"

	"github.com/donovanhide/eventsource"

	"ssespec/adapters/go/protocol"
)

func main() {
	protocol.Serve(protocol.Implementation{
		Name:     "donovanhide/eventsource",
		Version:  protocol.ModuleVersion("github.com/donovanhide/eventsource"),
		Features: protocol.Features{EventType: "raw", LastEventID: "block", ReconnectionTime: "none", Progress: true},
	}, parse)
}

func parse(delivery *protocol.Delivery, report func(protocol.Event)) error {
	decoder := eventsource.NewDecoder(delivery)
	for {
		event, err := decoder.Decode()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		report(protocol.Event{
			Type:        protocol.Text(event.Event()),
			Data:        protocol.Text(event.Data()),
			LastEventID: protocol.Text(event.Id()),
		})
	}
}
