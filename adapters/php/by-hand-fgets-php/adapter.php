<?php

declare(strict_types=1);

require __DIR__ . '/../protocol.php';
require __DIR__ . '/chunk_stream.php';
require __DIR__ . '/events.php';

function parse(Delivery $delivery): Generator
{
    foreach (events(chunk_stream($delivery)) as $data) {
        yield ['data' => $data, 'chunk' => $delivery->pulled];
    }
}

serve_parser(
    'by hand (tutorial style): fgets and a "data: " prefix',
    'by hand',
    ['input' => 'bytes', 'eventType' => 'raw', 'lastEventId' => 'none', 'reconnectionTime' => 'none', 'progress' => true],
    parse(...),
);
