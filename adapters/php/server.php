<?php

// The adapter protocol for servers (../README.md): streams are served as the harness asks, and what happens to them goes out at once.
// Requests come to processes of their own (request.php), which ask here, over a connection of their own, what to emit.
// Knows nothing about event streams.

declare(strict_types=1);

const PROTOCOL_VERSION = 0;
const READ_SIZE = 1 << 20;
// Where the processes that answer requests find the address to ask.
const CONTROL = 'SSESPEC_CONTROL';

/** The application that an adapter's server belongs to: it knows which events to emit to whom, and when. */
final class Application
{
    /** Where request.php asks what to emit. */
    public readonly string $control;
    private array $description;
    /** @var resource */
    private $listener;
    /** @var array<string, array> The params of each stream that is served. */
    private array $streams = [];
    /** @var array<string, Connection> By the handle of the client. */
    private array $connections = [];
    private int $n_streams = 0;
    private int $n_clients = 0;

    public function __construct(string $implementation, string $version, array $features)
    {
        $this->description = [
            'implementation' => $implementation,
            'version' => $version,
            'language' => 'PHP',
            'role' => 'server',
            'features' => $features,
        ];
        $this->listener = stream_socket_server('tcp://127.0.0.1:0');
        $this->control = 'tcp://' . stream_socket_get_name($this->listener, false);
    }

    /**
     * Speaks the protocol until `shutdown` or the end of standard input.
     *
     * @param list<string> $urls Where the servers listen; each stream is on one of them, in turn.
     * @param callable(): void $end Ends the servers. The harness may end the process as soon as `shutdown` is answered, so this comes before.
     */
    public function run(array $urls, callable $end): void
    {
        // Unbuffered, or a line could wait where stream_select does not see it.
        stream_set_read_buffer(STDIN, 0);
        $harness = new Connection(STDIN);
        while (true) {
            $readable = ['harness' => STDIN, 'listener' => $this->listener];
            foreach ($this->connections as $handle => $connection) {
                $readable[$handle] = $connection->stream;
            }
            $writable = $except = null;
            stream_select($readable, $writable, $except, null);

            foreach (array_keys($readable) as $name) {
                if ($name === 'harness') {
                    foreach ($harness->lines() as $line) {
                        $request = json_decode($line, true);
                        if ($request['method'] === 'shutdown') {
                            $end();
                        }
                        send(['id' => $request['id']] + $this->answer($request['method'], $request['params'] ?? [], $urls));
                        if ($request['method'] === 'shutdown') {
                            return;
                        }
                    }
                    if (feof(STDIN)) {
                        $end();
                        return;
                    }
                } elseif ($name === 'listener') {
                    $handle = 'k' . ++$this->n_clients;
                    $this->connections[$handle] = new Connection(stream_socket_accept($this->listener));
                } else {
                    $this->hear($name);
                }
            }
        }
    }

    private function answer(string $method, array $params, array $urls): array
    {
        switch ($method) {
            case 'initialize':
                if ($params['protocolVersion'] !== PROTOCOL_VERSION || $params['role'] !== 'server') {
                    return failure(-32602, 'only a server, only version ' . PROTOCOL_VERSION);
                }
                return ['result' => $this->description];
            case 'serve':
                $this->streams[$params['stream']] = $params;
                $url = $urls[$this->n_streams++ % count($urls)];
                return ['result' => ['url' => "$url/{$params['stream']}"]];
            case 'emit':
                ($this->connections[$params['client']] ?? null)?->write(['emit' => $params['index']]);
                return ['result' => (object) []];
            case 'stop':
                unset($this->streams[$params['stream']]);
                foreach ($this->connections as $connection) {
                    if ($connection->name === $params['stream']) {
                        $connection->write(['stop' => true]);
                    }
                }
                return ['result' => (object) []];
            case 'shutdown':
                return ['result' => (object) []];
            default:
                return failure(-32601, "unknown method $method");
        }
    }

    /** Takes in what the process that answers a request says. */
    private function hear(string $handle): void
    {
        $connection = $this->connections[$handle];
        foreach ($connection->lines() as $line) {
            $message = json_decode($line, true);
            if (isset($message['left'])) {
                send(['method' => 'disconnected', 'params' => ['stream' => $connection->name, 'client' => $handle]]);
                continue;
            }
            $params = $this->streams[$message['request']] ?? null;
            if ($params) {
                $connection->name = $message['request'];
                $request = ['stream' => $connection->name, 'client' => $handle, 'lastEventId' => $message['lastEventId']];
                send(['method' => 'request', 'params' => $request]);
            }
            $connection->write(['params' => $params]);
        }
        if (feof($connection->stream)) {
            unset($this->connections[$handle]);
        }
    }
}

/** Lines that come in pieces, and messages that go out as lines. */
final class Connection
{
    /** The stream that was asked for. */
    public ?string $name = null;
    private string $partial_line = '';

    /** @param resource $stream */
    public function __construct(public readonly mixed $stream)
    {
    }

    /** @return list<string> */
    public function lines(): array
    {
        $lines = explode("\n", $this->partial_line . fread($this->stream, READ_SIZE));
        $this->partial_line = array_pop($lines);

        return $lines;
    }

    public function write(array $message): void
    {
        // The process may be gone, which is then read as the end of its connection.
        @fwrite($this->stream, json_encode($message) . "\n");
    }
}

/**
 * Starts a server that belongs to the adapter and ends with it, and waits until it listens.
 *
 * @param list<string> $command
 * @return resource
 */
function start(array $command, int $port, array $environment = [])
{
    // Standard output belongs to the protocol, whatever the server prints.
    $process = proc_open($command, [['file', '/dev/null', 'r'], STDERR, STDERR], $pipes, null, $environment + getenv());
    $deadline = microtime(true) + 5;
    while (!($connection = @fsockopen('127.0.0.1', $port))) {
        if (microtime(true) > $deadline) {
            exit("$command[0] does not listen\n");
        }
        usleep(20_000);
    }
    fclose($connection);

    return $process;
}

/** A port of the loopback interface that is free now. */
function free_port(): int
{
    $listener = stream_socket_server('tcp://127.0.0.1:0');
    $name = stream_socket_get_name($listener, false);
    fclose($listener);

    return (int) substr($name, strrpos($name, ':') + 1);
}

function failure(int $code, string $message): array
{
    return ['error' => ['code' => $code, 'message' => $message]];
}

function send(array $message): void
{
    fwrite(STDOUT, json_encode(['jsonrpc' => '2.0'] + $message, JSON_INVALID_UTF8_SUBSTITUTE) . "\n");
}
