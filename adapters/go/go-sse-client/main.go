// The client of github.com/tmaxmax/go-sse behind the adapter protocol.
package main

import (
	"context"
	"time"

	"github.com/tmaxmax/go-sse"

	"ssespec/adapters/go/protocol"
)

// By default each delay is up to a half shorter or longer than what the stream asks for.
// What differs from run to run cannot be compared with what is known, so this is as close to none as the option allows.
const leastJitter = 1e-9

func main() {
	protocol.ServeClient(protocol.Client{
		Name:    "go-sse",
		Version: protocol.ModuleVersion("github.com/tmaxmax/go-sse"),
		Features: protocol.ClientFeatures{
			EventType:   "raw",
			LastEventID: "stream",
			Reconnects:  true,
			Offers:      []string{"headers", "post", "initialReconnectionTime", "withCredentials"},
		},
		Connect: connect,
	})
}

func connect(ctx context.Context, asked protocol.Request, report *protocol.Reports) error {
	request, err := asked.HTTP(ctx)
	if err != nil {
		return err
	}
	httpClient, err := asked.Client()
	if err != nil {
		return err
	}
	client := sse.Client{
		HTTPClient: httpClient,
		Backoff: sse.Backoff{
			Jitter:          leastJitter,
			InitialInterval: time.Duration(asked.InitialReconnectionTime) * time.Millisecond,
		},
		OnRetry: func(err error, _ time.Duration) { report.Error(err) },
	}
	connection := client.NewConnection(request)
	connection.SubscribeToAll(func(event sse.Event) {
		report.Event(protocol.Event{
			Type:        protocol.Text(event.Type),
			Data:        protocol.Text(event.Data),
			LastEventID: protocol.Text(event.LastEventID),
		})
	})
	return connection.Connect()
}
