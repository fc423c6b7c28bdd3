// The recipe in recipe.go behind the adapter protocol.
package main

import (
	"net/http"
	"runtime"

	"ssespec/adapters/go/protocol"
)

func main() {
	application := protocol.NewApplication(protocol.Server{
		Name:    "net/http, by hand",
		Version: runtime.Version(),
		Features: protocol.ServerFeatures{
			Fields:      []string{"data", "type", "id", "retry", "comment"},
			RetryText:   true,
			WithoutData: true,
			LastEventID: true,
			Disconnects: true,
			Headers:     true,
			Status:      true,
		},
	})
	mux := http.NewServeMux()
	mux.HandleFunc("/{stream}", func(w http.ResponseWriter, r *http.Request) {
		client := application.Request(r.PathValue("stream"), r.Header.Get("Last-Event-ID"))
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
		stream(w, r, client)
	})
	application.Run(mux)
}
