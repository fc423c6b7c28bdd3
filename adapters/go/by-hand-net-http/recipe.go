package main

import (
	"fmt"
	"net/http"

	"ssespec/adapters/go/protocol"
)

// stream is how tutorials serve events with net/http: three headers, one Fprintf for each field, a flush after each event.
func stream(w http.ResponseWriter, r *http.Request, client *protocol.EventClient) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Connection", "keep-alive")

	flusher, ok := w.(http.Flusher)
	if !ok {
		http.Error(w, "Streaming unsupported!", http.StatusInternalServerError)
		return
	}
	go func() {
		<-r.Context().Done()
		client.Left()
	}()

	for event := range client.Emissions() {
		if event.Comment != nil {
			fmt.Fprintf(w, ": %s\n", *event.Comment)
		}
		if event.ID != nil {
			fmt.Fprintf(w, "id: %s\n", *event.ID)
		}
		if event.Type != nil {
			fmt.Fprintf(w, "event: %s\n", *event.Type)
		}
		if event.Retry != nil {
			fmt.Fprintf(w, "retry: %s\n", *event.Retry)
		}
		if event.Data != nil {
			fmt.Fprintf(w, "data: %s\n", *event.Data)
		}
		fmt.Fprint(w, "\n")
		flusher.Flush()
	}
}
