// The recipe in recipe.go behind the adapter protocol.
package main

import "ssespec/adapters/go/protocol"

func main() {
	protocol.Serve(protocol.Implementation{
		Name:     "by hand (tutorial style): bufio.Scanner and a prefix",
		Version:  "by hand",
		Features: protocol.Features{EventType: "raw", LastEventID: "none", ReconnectionTime: "none", Progress: true},
	}, parse)
}

func parse(delivery *protocol.Delivery, report func(protocol.Event)) error {
	return readEvents(delivery, func(data string) {
		report(protocol.Event{Data: protocol.Text(data)})
	})
}
