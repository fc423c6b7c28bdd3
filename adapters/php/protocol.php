<?php

// The adapter protocol for parsers (../README.md): request lines on standard input to answer lines on standard output.
// Knows nothing about event streams.

declare(strict_types=1);

const PROTOCOL_VERSION = 0;
const READ_SIZE = 1 << 20;

/** The chunks of one delivery; `pulled` is the index of the chunk in work, or their number at the end. */
final class Delivery
{
    /** @var list<string> */
    public readonly array $chunks;
    public int $pulled = 0;

    public function __construct(array $encoded)
    {
        $this->chunks = array_map('base64_decode', $encoded);
    }
}

/**
 * Serves one parser until `shutdown` or the end of standard input.
 *
 * `$parse(Delivery)` is a generator: it drives the implementation, yields its events in the protocol's keys,
 * and may return what the answer says about the end of the stream.
 * What it throws becomes `error`, beside the events so far.
 */
function serve_parser(string $implementation, string $version, array $features, callable $parse): void
{
    // Standard output belongs to the protocol, whatever the implementation prints.
    ini_set('display_errors', 'stderr');
    ob_start(static function (string $printed): string {
        fwrite(STDERR, $printed);

        return '';
    }, 1);

    $description = [
        'implementation' => $implementation,
        'version' => $version,
        'language' => 'PHP',
        'role' => 'parser',
        'features' => [...$features, 'batch' => true],
    ];
    // Unbuffered, or a read would end at 8 KiB.
    stream_set_read_buffer(STDIN, 0);
    $partial_line = '';
    while (!feof(STDIN)) {
        $lines = explode("\n", $partial_line . fread(STDIN, READ_SIZE));
        $partial_line = array_pop($lines);

        // One write per read: a write per answer would cost more than most parses.
        $answers = '';
        $is_shut_down = false;
        foreach ($lines as $line) {
            $request = json_decode($line, true);
            $answers .= answer_line($description, $parse, $request);
            $is_shut_down = $is_shut_down || ($request['method'] ?? null) === 'shutdown';
        }
        fwrite(STDOUT, $answers);
        if ($is_shut_down) {
            return;
        }
    }
}

/** The version of a package that Debian installed, as its package manager has it. */
function debian_version(string $package): string
{
    $command = ['dpkg-query', '--show', '--showformat=${Version}', $package];
    $version = shell_exec(implode(' ', array_map('escapeshellarg', $command)));
    if (!is_string($version) || $version === '') {
        throw new RuntimeException("dpkg-query knows no version of $package");
    }

    return $version;
}

function answer_line(array $description, callable $parse, mixed $request): string
{
    $answer = is_array($request) ? answer($description, $parse, $request) : failure(-32700, 'not JSON: ' . json_last_error_msg());
    $message = ['jsonrpc' => '2.0', 'id' => $request['id'] ?? null, ...$answer];

    return json_encode($message, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES) . "\n";
}

function answer(array $description, callable $parse, array $request): array
{
    $params = $request['params'] ?? [];
    switch ($request['method']) {
        case 'initialize':
            if ($params['protocolVersion'] !== PROTOCOL_VERSION) {
                return failure(-32602, 'this adapter speaks version ' . PROTOCOL_VERSION);
            }
            if ($params['role'] !== 'parser') {
                return failure(-32602, "this adapter has no role {$params['role']}");
            }

            return ['result' => $description];
        case 'parse':
            return ['result' => observe($parse, $params)];
        case 'parseAll':
            $results = array_map(static fn (array $stream): array => observe($parse, $stream), $params['streams']);

            return ['result' => ['results' => $results]];
        case 'shutdown':
            return ['result' => new stdClass()];
        default:
            return failure(-32601, "unknown method {$request['method']}");
    }
}

function observe(callable $parse, array $params): array
{
    $events = [];
    try {
        // Not iterator_to_array(): the events before an exception are part of the observation.
        $observed = $parse(new Delivery($params['chunks']));
        foreach ($observed as $event) {
            $events[] = array_map('value', $event);
        }

        return ['events' => $events, ...array_map('value', $observed->getReturn() ?? [])];
    } catch (Throwable $exception) {
        return ['events' => $events, 'error' => value($exception::class . ': ' . $exception->getMessage())];
    }
}

/** A value as JSON can write it: a string of PHP is bytes, which need not be UTF-8, and a float may be infinite. */
function value(mixed $value): mixed
{
    if (is_string($value) && preg_match('//u', $value) !== 1) {
        return ['base64' => base64_encode($value)];
    }

    return $value === INF ? 'Infinity' : $value;
}

function failure(int $code, string $message): array
{
    return ['error' => ['code' => $code, 'message' => $message]];
}
