// The decoder of github.com/launchdarkly/eventsource behind the adapter protocol.
package main

import (
	"io"

	"github.com/launchdarkly/eventsource"

	"ssespec/adapters/go/protocol"
)

func main() {
	protocol.Serve(protocol.Implementation{
		Name:     "launchdarkly/eventsource",
		Version:  protocol.ModuleVersion("github.com/launchdarkly/eventsource"),
		Features: protocol.Features{EventType: "raw", LastEventID: "stream", ReconnectionTime: "none"},
	}, parse)
}

func parse(delivery *protocol.Delivery, report func(protocol.Event)) error {
	lastEventID := eventsource.DecoderOptionLastEventID(delivery.LastEventID)
	decoder := eventsource.NewDecoderWithOptions(delivery, lastEventID)
	for {
		event, err := decoder.Decode()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		report(protocol.Event{
			Type: protocol.Text(event.Event()),
			Data: protocol.Text(event.Data()),
			// Documented: every event has this interface too.
			LastEventID: protocol.Text(event.(eventsource.EventWithLastID).LastEventID()),
		})
	}
}
