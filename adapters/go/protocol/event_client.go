package protocol

import (
	"encoding/json"
	"iter"
	"strconv"
	"sync"
)

// Emission is an event as the application emits it; what it does not set is nil.
type Emission struct {
	Index   int `json:"-"`
	Data    *string
	Type    *string
	ID      *string
	Retry   *Retry
	Comment *string
}

// Retry is a reconnection time: the digits of a number, or a text where the interface takes one.
type Retry string

// UnmarshalJSON takes a number as it is written.
func (retry *Retry) UnmarshalJSON(value []byte) error {
	if value[0] == '"' {
		return json.Unmarshal(value, (*string)(retry))
	}
	*retry = Retry(value)
	return nil
}

// Milliseconds returns the number, for an interface that takes no text: the harness has been told so.
func (retry *Retry) Milliseconds() (int64, error) {
	return strconv.ParseInt(string(*retry), 10, 64)
}

// EventClient is one client of a stream, as the application sees it.
type EventClient struct {
	Handle string
	// Status is what the application answers with, in place of a stream; 0 where the harness does not want that.
	Status int
	// Headers are those that the application sets on its answer.
	Headers map[string]string

	stream string
	params serveParams
	output *lines

	mutex sync.Mutex
	// changed is told of each of what follows.
	changed *sync.Cond
	asked   []int
	isOver  bool
	hasLeft bool
}

type clientNotification struct {
	JSONRPC string       `json:"jsonrpc"`
	Method  string       `json:"method"`
	Params  clientNotice `json:"params"`
}

type clientNotice struct {
	Stream string `json:"stream"`
	Client string `json:"client"`
	// LastEventID goes out only if it is not empty: http.Header has no other word for "no header".
	LastEventID Text `json:"lastEventId,omitempty"`
	*rejection
}

type rejection struct {
	Index   int  `json:"index"`
	Message Text `json:"message"`
}

func newEventClient(stream, handle string, params serveParams, output *lines) *EventClient {
	client := &EventClient{Handle: handle, Status: params.Status, Headers: params.Headers, stream: stream, params: params, output: output}
	client.changed = sync.NewCond(&client.mutex)
	return client
}

// Emissions yields the events that the application emits, each when it is time.
// It ends when the application ends the stream, and panics where the application fails.
func (client *EventClient) Emissions() iter.Seq[Emission] {
	return func(yield func(Emission) bool) {
		for n := range client.params.Events {
			index := n
			if client.params.Pace == "asked" {
				asked, ok := client.next()
				if !ok {
					return
				}
				index = asked
			}
			emission := client.params.Events[index]
			emission.Index = index
			if !yield(emission) {
				return
			}
		}
		if client.params.End == "hold" {
			client.next()
		}
		// Whoever leaves after that leaves a stream that is over.
		client.stop()
		if client.params.End == "fail" {
			panic("the application fails")
		}
	}
}

// Rejected reports that the implementation refused an event.
func (client *EventClient) Rejected(emission Emission, err error) {
	client.notify("rejected", clientNotice{rejection: &rejection{emission.Index, Text(err.Error())}})
}

// Left reports that the implementation told the application that the client has left.
func (client *EventClient) Left() {
	client.mutex.Lock()
	isNews := !client.hasLeft && !client.isOver
	client.hasLeft = true
	client.changed.Broadcast()
	client.mutex.Unlock()
	if isNews {
		client.notify("disconnected", clientNotice{})
	}
}

func (client *EventClient) notify(method string, params clientNotice) {
	params.Stream, params.Client = client.stream, client.Handle
	client.output.write(clientNotification{JSONRPC: "2.0", Method: method, Params: params})
}

func (client *EventClient) ask(index int) {
	client.mutex.Lock()
	defer client.mutex.Unlock()
	client.asked = append(client.asked, index)
	client.changed.Broadcast()
}

func (client *EventClient) stop() {
	client.mutex.Lock()
	defer client.mutex.Unlock()
	client.isOver = true
	client.changed.Broadcast()
}

// next waits for the next index that is asked for; there is none once the stream is stopped or the client has left.
func (client *EventClient) next() (int, bool) {
	client.mutex.Lock()
	defer client.mutex.Unlock()
	for len(client.asked) == 0 && !client.isOver && !client.hasLeft {
		client.changed.Wait()
	}
	if client.isOver || client.hasLeft {
		return 0, false
	}
	index := client.asked[0]
	client.asked = client.asked[1:]
	return index, true
}
