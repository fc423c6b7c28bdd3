<?php

// What tutorials show for PHP: two headers, echo for each field, and flush.

function stream(iterable $events): void
{
    header('Content-Type: text/event-stream');
    header('Cache-Control: no-cache');

    foreach ($events as $event) {
        if (isset($event['comment'])) echo ": {$event['comment']}\n";
        if (isset($event['id'])) echo "id: {$event['id']}\n";
        if (isset($event['type'])) echo "event: {$event['type']}\n";
        if (isset($event['retry'])) echo "retry: {$event['retry']}\n";
        if (isset($event['data'])) echo "data: {$event['data']}\n";
        echo "\n";

        if (ob_get_level() > 0) ob_flush();
        flush();
        if (connection_aborted()) break;
    }
}
