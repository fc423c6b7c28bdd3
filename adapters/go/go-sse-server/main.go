// The server sessions of github.com/tmaxmax/go-sse behind the adapter protocol.
package main

import (
	"net/http"
	"time"

	"github.com/tmaxmax/go-sse"

	"ssespec/adapters/go/protocol"
)

func main() {
	application := protocol.NewApplication(protocol.Server{
		Name:    "go-sse",
		Version: protocol.ModuleVersion("github.com/tmaxmax/go-sse"),
		Features: protocol.ServerFeatures{
			Fields:      []string{"data", "type", "id", "retry", "comment"},
			WithoutData: true,
			LastEventID: true,
			Disconnects: true,
			Headers:     true,
			Status:      true,
		},
	})
	mux := http.NewServeMux()
	mux.HandleFunc("/{stream}", func(w http.ResponseWriter, r *http.Request) {
		session, err := sse.Upgrade(w, r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		client := application.Request(r.PathValue("stream"), session.LastEventID.String())
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
		serve(session, client)
	})
	application.Run(mux)
}

func serve(session *sse.Session, client *protocol.EventClient) {
	// As its Server's provider does, each message is flushed, and whoever cannot be reached is sent nothing more.
	for emission := range client.Emissions() {
		message, err := compose(emission)
		if err != nil {
			client.Rejected(emission, err)
			continue
		}
		if err := session.Send(message); err != nil {
			client.Left()
			return
		}
		if err := session.Flush(); err != nil {
			client.Left()
			return
		}
	}
}

func compose(emission protocol.Emission) (*sse.Message, error) {
	message := &sse.Message{}
	var err error
	if emission.Comment != nil {
		message.AppendComment(*emission.Comment)
	}
	if emission.ID != nil {
		if message.ID, err = sse.NewID(*emission.ID); err != nil {
			return nil, err
		}
	}
	if emission.Type != nil {
		if message.Type, err = sse.NewType(*emission.Type); err != nil {
			return nil, err
		}
	}
	if emission.Retry != nil {
		milliseconds, err := emission.Retry.Milliseconds()
		if err != nil {
			return nil, err
		}
		message.Retry = time.Duration(milliseconds) * time.Millisecond
	}
	if emission.Data != nil {
		message.AppendData(*emission.Data)
	}
	return message, nil
}
