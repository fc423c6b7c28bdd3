<?php

// What the application knows in a process that answers a request: which events to emit, and when.
// It asks the adapter's process (server.php), over a connection of its own.
// Knows nothing about event streams.

declare(strict_types=1);

/** One client of a stream, as the application sees it. */
final class Client
{
    /** @var resource */
    private $control;
    private array $params;
    private bool $is_over = false;

    private function __construct()
    {
    }

    /** A request for the stream that the last part of its path names; nothing, if no such stream is served. */
    public static function of_request(): ?self
    {
        $client = new self();
        $client->control = stream_socket_client(getenv('SSESPEC_CONTROL'));
        // Longer than any case.
        stream_set_timeout($client->control, 3600);
        $client->write([
            'request' => basename($_SERVER['REQUEST_URI']),
            'lastEventId' => $_SERVER['HTTP_LAST_EVENT_ID'] ?? null,
        ]);
        $params = $client->read()['params'] ?? null;
        if (!$params) {
            return null;
        }
        $client->params = $params;
        register_shutdown_function($client->end(...));

        return $client;
    }

    /** The status that the application answers with, in place of a stream; null where the harness does not want that. */
    public function status(): ?int
    {
        return $this->params['status'] ?? null;
    }

    /** The headers that the application sets on its answer, by their names. */
    public function headers(): array
    {
        return $this->params['headers'] ?? [];
    }

    /**
     * Yields the events that the application emits, each when it is time.
     *
     * Ends when the application ends the stream, and throws where it fails.
     */
    public function events(): Generator
    {
        foreach ($this->params['events'] as $event) {
            if ($this->params['pace'] === 'asked') {
                $message = $this->read();
                if (!isset($message['emit'])) {
                    $this->is_over = true;
                    return;
                }
                $event = $this->params['events'][$message['emit']];
            }
            yield $event;
        }
        if ($this->params['end'] === 'hold') {
            // An `emit` too many changes nothing.
            while (isset($this->read()['emit'])) {
            }
        }
        // Whoever leaves after that leaves a stream that is over.
        $this->is_over = true;
        if ($this->params['end'] === 'fail') {
            throw new RuntimeException('the application fails');
        }
    }

    /** PHP ends a script whose output nobody takes, and says so to whom it calls at the end. */
    private function end(): void
    {
        if (!$this->is_over && connection_aborted()) {
            $this->write(['left' => true]);
        }
    }

    private function read(): ?array
    {
        $line = fgets($this->control);

        return $line === false ? null : json_decode($line, true);
    }

    private function write(array $message): void
    {
        fwrite($this->control, json_encode($message, JSON_INVALID_UTF8_SUBSTITUTE) . "\n");
    }
}
