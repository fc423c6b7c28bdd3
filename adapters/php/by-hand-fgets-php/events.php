<?php

// A stream to the data of its events, as tutorials that read a chat completion in PHP show it.

declare(strict_types=1);

/** @param resource $stream */
function events($stream): Generator
{
    while (($line = fgets($stream)) !== false) {
        $line = trim($line);
        if (!str_starts_with($line, 'data: ')) {
            continue;
        }
        $data = substr($line, 6);
        if ($data === '[DONE]') {
            break;
        }
        yield $data;
    }
}
