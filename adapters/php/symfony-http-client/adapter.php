<?php

// Symfony's EventSourceHttpClient over a response in memory, through the test client that its own package brings.
// There is one response and no second one, so the client cannot reconnect.

declare(strict_types=1);

use Symfony\Component\HttpClient\Chunk\ServerSentEvent;
use Symfony\Component\HttpClient\EventSourceHttpClient;
use Symfony\Component\HttpClient\MockHttpClient;
use Symfony\Component\HttpClient\Response\MockResponse;

require '/usr/share/php/Symfony/Component/HttpClient/autoload.php';
require __DIR__ . '/../protocol.php';
require __DIR__ . '/counting_client.php';

// No stream can set a negative time, so the client still shows this one while no retry field has counted.
const UNSET_RECONNECTION_TIME = -1.0;

function parse(Delivery $delivery): Generator
{
    // An empty chunk would tell the test client to feign a timeout.
    $body = array_filter($delivery->chunks, static fn (string $chunk): bool => $chunk !== '');
    $response = new MockResponse($body, ['response_headers' => ['content-type' => 'text/event-stream']]);
    $memory = new CountingClient(new MockHttpClient($response), $delivery, array_keys($body));

    $client = new EventSourceHttpClient($memory, UNSET_RECONNECTION_TIME);
    $source = $client->connect('/');
    foreach ($client->stream($source) as $chunk) {
        if ($chunk instanceof ServerSentEvent) {
            yield [
                'type' => $chunk->getType(),
                'data' => $chunk->getData(),
                'lastEventId' => $source->getInfo('last_event_id'),
                'chunk' => $delivery->pulled,
            ];
        }
    }

    return [
        // Null while there was no id; but a key left out would say that the client does not show it.
        'lastEventId' => $source->getInfo('last_event_id') ?? '',
        'reconnectionTime' => milliseconds($source->getInfo('reconnection_time')),
    ];
}

function milliseconds(float $seconds): ?float
{
    // The client divided by 1000; rounding undoes what the division made inexact.
    return $seconds === UNSET_RECONNECTION_TIME ? null : round($seconds * 1000);
}

serve_parser(
    'symfony/http-client',
    debian_version('php-symfony-http-client'),
    ['input' => 'bytes', 'eventType' => 'default', 'lastEventId' => 'stream', 'reconnectionTime' => 'stream', 'progress' => true],
    parse(...),
);
