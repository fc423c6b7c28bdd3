// Package protocol turns request lines on standard input into answer lines on standard output: the parser's side of
// the adapter protocol (../../README.md).
//
// It knows nothing about event streams: what an implementation says is passed on as it says it.
package protocol

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
)

const version = 0

// Parse drives the implementation over one delivery and reports its events as they come out.
// The error is the implementation's own; the end of the stream is none.
type Parse func(delivery *Delivery, report func(Event)) error

// Serve answers requests until `shutdown` or the end of standard input.
func Serve(implementation Implementation, parse Parse) {
	output := os.Stdout
	// Standard output belongs to the protocol, whatever the implementation prints.
	os.Stdout = os.Stderr
	if err := serve(implementation, parse, os.Stdin, output); err != nil {
		log.Fatal(err)
	}
}

func serve(implementation Implementation, parse Parse, requests io.Reader, answers io.Writer) error {
	input := bufio.NewReaderSize(requests, 1<<16)
	output := bufio.NewWriterSize(answers, 1<<16)
	encoder := json.NewEncoder(output)
	for {
		line, err := input.ReadBytes('\n')
		if err == io.EOF {
			return output.Flush()
		}
		if err != nil {
			return err
		}
		request, answer := read(line)
		if answer.Error == nil {
			answer.Result, answer.Error = reply(implementation, parse, request)
		}
		if err := encoder.Encode(answer); err != nil {
			return err
		}
		if request.Method == "shutdown" {
			return output.Flush()
		}
		// Half a request may be buffered: the harness must not wait for answers while we wait for its other half.
		if buffered, _ := input.Peek(input.Buffered()); !bytes.Contains(buffered, []byte("\n")) {
			if err := output.Flush(); err != nil {
				return err
			}
		}
	}
}

func read(line []byte) (request, answer) {
	var request request
	answer := answer{JSONRPC: "2.0"}
	if err := json.Unmarshal(line, &request); err != nil {
		answer.Error = &refusal{Code: notJSON, Message: err.Error()}
	}
	answer.ID = request.ID
	return request, answer
}

func reply(implementation Implementation, parse Parse, request request) (any, *refusal) {
	switch request.Method {
	case "initialize":
		var params initialize
		if err := json.Unmarshal(request.Params, &params); err != nil {
			return nil, &refusal{Code: invalidParams, Message: err.Error()}
		}
		if params.ProtocolVersion != version || params.Role != "parser" {
			return nil, &refusal{Code: invalidParams, Message: "this adapter is a parser and speaks version 0"}
		}
		return describe(implementation), nil
	case "parse":
		var delivery Delivery
		if err := json.Unmarshal(request.Params, &delivery); err != nil {
			return nil, &refusal{Code: invalidParams, Message: err.Error()}
		}
		return observe(implementation, parse, &delivery), nil
	case "parseAll":
		var params struct{ Streams []Delivery }
		if err := json.Unmarshal(request.Params, &params); err != nil {
			return nil, &refusal{Code: invalidParams, Message: err.Error()}
		}
		results := make([]observation, len(params.Streams))
		for i := range params.Streams {
			results[i] = observe(implementation, parse, &params.Streams[i])
		}
		return map[string]any{"results": results}, nil
	case "shutdown":
		return struct{}{}, nil
	default:
		return nil, &refusal{Code: unknownMethod, Message: "unknown method " + request.Method}
	}
}

// The result has a name, so that a panic leaves the events so far in it.
func observe(implementation Implementation, parse Parse, delivery *Delivery) (observed observation) {
	// Not nil, which would be written as null.
	observed.Events = []shownEvent{}
	report := func(event Event) {
		shown := shownEvent{Event: event}
		if implementation.Features.Progress {
			chunk := delivery.chunk()
			shown.Chunk = &chunk
		}
		observed.Events = append(observed.Events, shown)
	}
	defer func() {
		if panicked := recover(); panicked != nil {
			observed.Error = fmt.Sprintf("panicked: %v", panicked)
		}
	}()
	if err := parse(delivery, report); err != nil {
		observed.Error = err.Error()
	}
	return observed
}
