// The server-sent events of github.com/gin-gonic/gin behind the adapter protocol.
package main

import (
	"errors"
	"io"
	"iter"
	"net/http"
	"os"

	"github.com/gin-contrib/sse"
	"github.com/gin-gonic/gin"

	"ssespec/adapters/go/protocol"
)

func main() {
	application := protocol.NewApplication(protocol.Server{
		Name:    "gin",
		Version: protocol.ModuleVersion("github.com/gin-gonic/gin"),
		Features: protocol.ServerFeatures{
			Fields:      []string{"data", "type", "id", "retry"},
			LastEventID: true,
			Disconnects: true,
			Headers:     true,
			Status:      true,
		},
	})
	gin.SetMode(gin.ReleaseMode)
	// Standard output belongs to the protocol.
	gin.DefaultWriter = os.Stderr
	router := gin.Default()
	router.GET("/:stream", func(c *gin.Context) {
		client := application.Request(c.Param("stream"), c.GetHeader("Last-Event-ID"))
		if client == nil {
			c.Status(http.StatusNotFound)
			return
		}
		if client.Status != 0 {
			c.Status(client.Status)
			return
		}
		for name, value := range client.Headers {
			c.Header(name, value)
		}
		serve(c, client)
	})
	application.Run(router)
}

func serve(c *gin.Context, client *protocol.EventClient) {
	go func() {
		<-c.Request.Context().Done()
		client.Left()
	}()
	next, stop := iter.Pull(client.Emissions())
	defer stop()
	c.Stream(func(io.Writer) bool {
		emission, ok := next()
		if !ok {
			return false
		}
		if err := emit(c, emission); err != nil {
			client.Rejected(emission, err)
		}
		return true
	})
}

// emit takes SSEvent where that has the fields, and renders an event where it needs an id or a reconnection time.
func emit(c *gin.Context, emission protocol.Emission) error {
	var name string
	if emission.Type != nil {
		name = *emission.Type
	}
	if emission.ID == nil && emission.Retry == nil {
		c.SSEvent(name, *emission.Data)
		return nil
	}
	event := sse.Event{Event: name, Data: *emission.Data}
	if emission.ID != nil {
		event.Id = *emission.ID
	}
	if emission.Retry != nil {
		milliseconds, err := emission.Retry.Milliseconds()
		if err != nil {
			return err
		}
		if milliseconds < 0 {
			return errors.New("Retry is a uint")
		}
		event.Retry = uint(milliseconds)
	}
	c.Render(-1, event)
	return nil
}
