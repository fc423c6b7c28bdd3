<?php

// A delivery to a stream resource, each read of which gets one chunk, as a read from a socket may.

declare(strict_types=1);

/** @return resource */
function chunk_stream(Delivery $delivery)
{
    return fopen('delivery://', 'r', false, stream_context_create(['delivery' => ['delivery' => $delivery]]));
}

/** The stream wrapper behind it; PHP names its methods. */
final class ChunkStream
{
    /** @var resource set by PHP */
    public $context;
    private Delivery $delivery;
    private int $next = 0;
    private string $rest = '';

    public function stream_open(): bool
    {
        $this->delivery = stream_context_get_options($this->context)['delivery']['delivery'];

        return true;
    }

    public function stream_read(int $size): string
    {
        // No bytes would mean the end, so an empty chunk is passed over, as it is on a socket.
        while ($this->rest === '' && $this->next < count($this->delivery->chunks)) {
            $this->delivery->pulled = $this->next;
            $this->rest = $this->delivery->chunks[$this->next++];
        }
        if ($this->rest === '') {
            $this->delivery->pulled = count($this->delivery->chunks);
        }
        $block = substr($this->rest, 0, $size);
        $this->rest = substr($this->rest, $size);

        return $block;
    }

    public function stream_eof(): bool
    {
        return $this->delivery->pulled === count($this->delivery->chunks);
    }
}

stream_wrapper_register('delivery', ChunkStream::class);
