import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Queue;

/** One client of a stream, as the application sees it. */
final class EventClient {
    final String handle;
    /** Milliseconds, where the harness wants the implementation to end the stream; else null. */
    final Long timeout;
    /** What the application answers with, in place of a stream, where the harness wants that; else null. */
    final Integer status;
    /** The headers that the application sets on its answer. */
    final Map<String, String> headers;

    private final ServerProtocol protocol;
    private final String stream;
    private final ServerProtocol.Params params;
    private final Queue<Integer> asked = new ArrayDeque<>();
    private boolean isOver;
    private boolean hasLeft;

    EventClient(ServerProtocol protocol, String stream, String handle, ServerProtocol.Params params) {
        this.protocol = protocol;
        this.stream = stream;
        this.handle = handle;
        this.params = params;
        this.timeout = params.timeout();
        this.status = params.status();
        this.headers = params.headers() == null ? Map.of() : params.headers();
    }

    /**
     * The events that the application emits, each when it is time: whoever asks for the next one waits for it.
     *
     * <p>It ends when the application ends the stream, and throws where it fails.
     */
    Iterable<Emission> emissions() {
        return Emissions::new;
    }

    /** The implementation refused an event. */
    void rejected(Emission emission, Exception exception) {
        protocol.notify("rejected", new Rejected(stream, handle, emission.index(), String.valueOf(exception)));
    }

    /** The implementation told the application that the client has left. */
    void left() {
        synchronized (this) {
            if (hasLeft || isOver) {
                return;
            }
            hasLeft = true;
            notifyAll();
        }
        protocol.notify("disconnected", new Disconnected(stream, handle));
    }

    void requested(String lastEventId) {
        protocol.notify("request", new Requested(stream, handle, lastEventId));
    }

    synchronized void ask(int index) {
        asked.add(index);
        notifyAll();
    }

    synchronized void stop() {
        isOver = true;
        notifyAll();
    }

    /** The next index that is asked for; null once the stream is stopped or the client has left. */
    private synchronized Integer next() {
        try {
            while (asked.isEmpty() && !isOver && !hasLeft) {
                wait();
            }
        } catch (InterruptedException exception) {
            // Whoever reads the events on a thread of its own wants no more of them.
            return null;
        }
        return isOver || hasLeft ? null : asked.remove();
    }

    private final class Emissions implements Iterator<Emission> {
        private int count;
        private Emission next;
        private boolean hasEnded;

        @Override
        public boolean hasNext() {
            if (next == null && !hasEnded) {
                next = await();
                hasEnded = next == null;
            }
            return next != null;
        }

        @Override
        public Emission next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            Emission emission = next;
            next = null;
            return emission;
        }

        private Emission await() {
            if (count < params.events().size()) {
                Integer index = params.pace().equals("asked") ? EventClient.this.next() : Integer.valueOf(count);
                count++;
                return index == null ? null : params.events().get(index).at(index);
            }
            if (params.end().equals("hold")) {
                EventClient.this.next();
            }
            // Whoever leaves after that leaves a stream that is over.
            stop();
            if (params.end().equals("fail")) {
                throw new IllegalStateException("the application fails");
            }
            return null;
        }
    }

    private record Requested(String stream, String client, @JsonInclude(Include.NON_NULL) String lastEventId) {}

    private record Rejected(String stream, String client, int index, String message) {}

    private record Disconnected(String stream, String client) {}
}
