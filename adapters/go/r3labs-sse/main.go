// The client of github.com/r3labs/sse behind the adapter protocol.
package main

import (
	"context"
	"time"

	"github.com/r3labs/sse/v2"
	"gopkg.in/cenkalti/backoff.v1"

	"ssespec/adapters/go/protocol"
)

// By default the first wait is between 250 ms and 750 ms, and whoever waits for half a second sometimes sees what comes
// after it and sometimes not. With this one it is seen each time.
const firstWait = 20 * time.Millisecond

func main() {
	protocol.ServeClient(protocol.Client{
		Name:     "r3labs/sse",
		Version:  protocol.ModuleVersion("github.com/r3labs/sse/v2"),
		Features: protocol.ClientFeatures{EventType: "raw", LastEventID: "stream", Offers: []string{"headers", "withCredentials"}},
		Connect:  connect,
	})
}

func connect(ctx context.Context, asked protocol.Request, report *protocol.Reports) error {
	client := sse.NewClient(asked.URL)
	for name, value := range asked.Headers {
		client.Headers[name] = value
	}
	httpClient, err := asked.Client()
	if err != nil {
		return err
	}
	if httpClient != nil {
		client.Connection = httpClient
	}
	client.OnConnect(func(*sse.Client) { report.Open() })
	strategy := backoff.NewExponentialBackOff()
	strategy.InitialInterval = firstWait
	client.ReconnectStrategy = strategy
	client.ReconnectNotify = func(err error, _ time.Duration) { report.Error(err) }
	return client.SubscribeRawWithContext(ctx, func(event *sse.Event) {
		report.Event(protocol.Event{
			Type:        protocol.Text(event.Event),
			Data:        protocol.Text(event.Data),
			LastEventID: protocol.Text(event.ID),
		})
	})
}
