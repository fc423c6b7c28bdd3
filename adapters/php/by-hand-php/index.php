<?php

// The page that the server runs for each request.

require __DIR__ . '/../request.php';
require __DIR__ . '/recipe.php';

$client = Client::of_request();
if ($client?->status()) {
    http_response_code($client->status());
} elseif ($client) {
    foreach ($client->headers() as $name => $value) {
        header("$name: $value");
    }
    stream($client->events());
} else {
    http_response_code(404);
}
