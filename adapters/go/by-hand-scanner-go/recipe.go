package main

import (
	"bufio"
	"io"
	"strings"
)

// readEvents is how tutorials read a streamed answer in Go: each line that starts with "data: " is an event.
func readEvents(body io.Reader, handle func(data string)) error {
	scanner := bufio.NewScanner(body)
	for scanner.Scan() {
		line := scanner.Text()
		if !strings.HasPrefix(line, "data: ") {
			continue
		}
		handle(strings.TrimPrefix(line, "data: "))
	}
	return scanner.Err()
}
