// The client of github.com/launchdarkly/eventsource behind the adapter protocol.
package main

import (
	"context"
	"time"

	"github.com/launchdarkly/eventsource"

	"ssespec/adapters/go/protocol"
)

func main() {
	protocol.ServeClient(protocol.Client{
		Name:    "launchdarkly/eventsource",
		Version: protocol.ModuleVersion("github.com/launchdarkly/eventsource"),
		Features: protocol.ClientFeatures{
			EventType:   "raw",
			LastEventID: "stream",
			Reconnects:  true,
			Offers:      []string{"headers", "post", "initialLastEventId", "initialReconnectionTime", "withCredentials"},
		},
		Connect: connect,
	})
}

func connect(ctx context.Context, asked protocol.Request, report *protocol.Reports) error {
	request, err := asked.HTTP(context.Background())
	if err != nil {
		return err
	}
	httpClient, err := asked.Client()
	if err != nil {
		return err
	}
	options := []eventsource.StreamOption{eventsource.StreamOptionLastEventID(asked.LastEventID)}
	if httpClient != nil {
		options = append(options, eventsource.StreamOptionHTTPClient(httpClient))
	}
	if asked.InitialReconnectionTime != 0 {
		retry := time.Duration(asked.InitialReconnectionTime) * time.Millisecond
		options = append(options, eventsource.StreamOptionInitialRetry(retry))
	}
	stream, err := eventsource.SubscribeWithRequestAndOptions(request, options...)
	if err != nil {
		return err
	}
	defer closeStream(stream)
	// Documented: Subscribe returns once there is a connection.
	report.Open()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case event := <-stream.Events:
			report.Event(protocol.Event{
				Type: protocol.Text(event.Event()),
				Data: protocol.Text(event.Data()),
				// Documented: every event has this interface too.
				LastEventID: protocol.Text(event.(eventsource.EventWithLastID).LastEventID()),
			})
		case err := <-stream.Errors:
			report.Error(err)
		}
	}
	return nil
}

// closeStream closes as an application must: the stream waits until somebody has taken what it was about to send.
func closeStream(stream *eventsource.Stream) {
	stream.Close()
	go func() {
		for range stream.Errors {
		}
	}()
	for range stream.Events {
	}
}
