<?php

// Responses in memory to the same responses, and a count of the chunks that were pulled out of them.

declare(strict_types=1);

use Symfony\Component\HttpClient\Response\ResponseStream;
use Symfony\Contracts\HttpClient\HttpClientInterface;
use Symfony\Contracts\HttpClient\ResponseInterface;
use Symfony\Contracts\HttpClient\ResponseStreamInterface;

/** Stands between a client that pulls chunks and the client that has them, and changes nothing. */
final class CountingClient implements HttpClientInterface
{
    /** @param list<int> $indices which chunk of the delivery each chunk of the body is */
    public function __construct(private HttpClientInterface $client, private Delivery $delivery, private array $indices)
    {
    }

    public function request(string $method, string $url, array $options = []): ResponseInterface
    {
        return $this->client->request($method, $url, $options);
    }

    public function stream($responses, ?float $timeout = null): ResponseStreamInterface
    {
        return new ResponseStream($this->counted($this->client->stream($responses, $timeout)));
    }

    public function withOptions(array $options): static
    {
        return new self($this->client->withOptions($options), $this->delivery, $this->indices);
    }

    private function counted(ResponseStreamInterface $chunks): Generator
    {
        foreach ($chunks as $response => $chunk) {
            if (!$chunk->isFirst()) {
                $this->delivery->pulled = array_shift($this->indices) ?? count($this->delivery->chunks);
            }
            yield $response => $chunk;
        }
    }
}
