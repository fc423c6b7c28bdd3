package protocol

import "io"

// Delivery is a stream's bytes, cut into chunks; as an io.Reader it hands out one chunk after the other.
type Delivery struct {
	Chunks [][]byte
	// LastEventID is the last event ID string that the stream starts with.
	LastEventID string

	index int
	// offset counts the bytes of the chunk in work that have been handed out.
	offset int
	isOpen bool
}

// Read hands out what is left of one chunk, never of two.
// An empty chunk is a read of no bytes, which a Reader may give.
func (delivery *Delivery) Read(buffer []byte) (int, error) {
	if delivery.isOpen && delivery.offset == len(delivery.Chunks[delivery.index]) {
		delivery.index, delivery.offset, delivery.isOpen = delivery.index+1, 0, false
	}
	if delivery.index == len(delivery.Chunks) {
		return 0, io.EOF
	}
	delivery.isOpen = true
	n := copy(buffer, delivery.Chunks[delivery.index][delivery.offset:])
	delivery.offset += n
	return n, nil
}

// chunk returns the index of the chunk in work, or the number of chunks once the end has been seen.
func (delivery *Delivery) chunk() int {
	return delivery.index
}
