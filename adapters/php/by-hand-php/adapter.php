<?php

// A PHP page by hand, as tutorials write it (recipe.php), under PHP's own web server.

declare(strict_types=1);

require __DIR__ . '/../server.php';

$application = new Application('php -S, by hand', 'PHP ' . PHP_VERSION, [
    'fields' => ['data', 'type', 'id', 'retry', 'comment'],
    'retryText' => true,
    'withoutData' => true,
    'lastEventId' => true,
    'disconnects' => true,
    'headers' => true,
    'status' => true,
    'atOnce' => 2,
]);
// A worker may take a request while it has yet to answer another, and then that waits, whichever other worker is free.
// So requests that come at once come to different servers.
$servers = $urls = [];
for ($n = 0; $n < 4; $n++) {
    $port = free_port();
    $urls[] = "http://127.0.0.1:$port";
    // Two settings as php.ini-production has them, whatever this machine's php.ini says.
    $servers[] = start(
        [PHP_BINARY, '-n', '-d', 'output_buffering=4096', '-d', 'display_errors=0', '-S', "127.0.0.1:$port", __DIR__ . '/index.php'],
        $port,
        ['PHP_CLI_SERVER_WORKERS' => '4', CONTROL => $application->control],
    );
}
$application->run($urls, static fn () => array_map('proc_terminate', $servers));
