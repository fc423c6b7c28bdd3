// Requests on standard input to answers on standard output, one JSON object per line.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"log"
	"os"
	"runtime/debug"

	"github.com/tmaxmax/go-sse" // 1. your implementation
)

var description = map[string]any{
	"implementation": "go-sse",
	"version":        version("github.com/tmaxmax/go-sse"),
	"language":       "Go",
	"role":           "parser",
	"features":       map[string]any{"eventType": "raw", "lastEventId": "stream"}, // 2. what it shows
}

type params struct {
	ProtocolVersion int
	Role            string
	Chunks          [][]byte // encoding/json reads base64 into bytes
}

// A text goes as its bytes: a Go string may hold what JSON cannot.
type text struct {
	Base64 []byte `json:"base64"`
}

type event struct {
	Type        text `json:"type"`
	Data        text `json:"data"`
	LastEventID text `json:"lastEventId"`
}

type observation struct {
	Events []event `json:"events"`
	Error  string  `json:"error,omitempty"`
}

func observe(chunks [][]byte) observation {
	seen := observation{Events: []event{}}
	// 3. how its documentation drives it; one Read gives one chunk
	readers := make([]io.Reader, len(chunks))
	for i, chunk := range chunks {
		readers[i] = bytes.NewReader(chunk)
	}
	for e, err := range sse.Read(io.MultiReader(readers...), nil) {
		if err != nil {
			seen.Error = err.Error()
			break
		}
		seen.Events = append(seen.Events, event{text{[]byte(e.Type)}, text{[]byte(e.Data)}, text{[]byte(e.LastEventID)}})
	}
	return seen
}

func answer(method string, p params) (key string, value any) {
	switch {
	case method == "initialize" && p.ProtocolVersion == 0 && p.Role == "parser":
		return "result", description
	case method == "initialize":
		return "error", map[string]any{"code": -32602, "message": "only a parser, only version 0"}
	case method == "parse":
		return "result", observe(p.Chunks)
	case method == "shutdown":
		return "result", struct{}{}
	}
	return "error", map[string]any{"code": -32601, "message": "unknown method " + method}
}

func version(path string) string {
	build, _ := debug.ReadBuildInfo()
	for _, module := range build.Deps {
		if module.Path == path {
			return module.Version
		}
	}
	return ""
}

func main() {
	in, out := bufio.NewReader(os.Stdin), bufio.NewWriter(os.Stdout)
	answers := json.NewEncoder(out)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var request struct {
			ID     any
			Method string
			Params params
		}
		if err := json.Unmarshal(line, &request); err != nil {
			log.Fatal(err)
		}
		key, value := answer(request.Method, request.Params)
		answers.Encode(map[string]any{"jsonrpc": "2.0", "id": request.ID, key: value})
		if in.Buffered() == 0 || request.Method == "shutdown" {
			out.Flush()
		}
		if request.Method == "shutdown" {
			return
		}
	}
}
