package protocol

import (
	"encoding/json"
	"unicode/utf8"
)

// The codes of JSON-RPC.
const (
	notJSON       = -32700
	unknownMethod = -32601
	invalidParams = -32602
)

// Implementation is the thing under test, and what of it can be seen.
type Implementation struct {
	Name     string
	Version  string
	Features Features
}

// Features says what the implementation shows, in the values of ../../README.md.
type Features struct {
	EventType        string
	LastEventID      string
	ReconnectionTime string
	Progress         bool
}

// Event is one event as the implementation gave it; what it has no way to show is left empty.
type Event struct {
	Type Text `json:"type"`
	Data Text `json:"data"`
	// LastEventID goes out only if it is not empty: these implementations have no other word for "no id".
	LastEventID Text `json:"lastEventId,omitempty"`
}

// Text is a string of the implementation, which in Go may hold any bytes.
type Text string

// MarshalJSON writes bytes that are not UTF-8 as base64, since encoding/json would replace them by U+FFFD.
func (text Text) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(text)) {
		return json.Marshal(string(text))
	}
	return json.Marshal(map[string][]byte{"base64": []byte(text)})
}

type request struct {
	ID     json.RawMessage
	Method string
	Params json.RawMessage
}

type initialize struct {
	ProtocolVersion int
	Role            string
}

type answer struct {
	JSONRPC string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id"`
	Result  any             `json:"result,omitempty"`
	Error   *refusal        `json:"error,omitempty"`
}

type refusal struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

type description struct {
	Implementation string         `json:"implementation"`
	Version        string         `json:"version"`
	Language       string         `json:"language"`
	Role           string         `json:"role"`
	Features       map[string]any `json:"features"`
}

func describe(implementation Implementation) description {
	features := implementation.Features
	return description{
		Implementation: implementation.Name,
		Version:        implementation.Version,
		Language:       "Go",
		Role:           "parser",
		Features: map[string]any{
			"input":            "bytes",
			"eventType":        features.EventType,
			"lastEventId":      features.LastEventID,
			"reconnectionTime": features.ReconnectionTime,
			"comments":         false,
			"progress":         features.Progress,
			"batch":            true,
		},
	}
}

type observation struct {
	Events []shownEvent `json:"events"`
	Error  string       `json:"error,omitempty"`
}

type shownEvent struct {
	Event
	Chunk *int `json:"chunk,omitempty"`
}
