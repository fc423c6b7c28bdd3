import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.springframework.core.ResolvableType;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ReactiveHttpInputMessage;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.http.codec.ServerSentEventHttpMessageReader;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/** The reader under {@code WebClient}'s {@code bodyToFlux(ServerSentEvent<String>)}, over a response made from the chunks. */
final class Adapter {
    private static final ResolvableType EVENT = ResolvableType.forClassWithGenerics(ServerSentEvent.class, String.class);

    public static void main(String[] arguments) throws IOException {
        Protocol.serve(
                "spring-web",
                ServerSentEventHttpMessageReader.class.getPackage().getImplementationVersion(),
                Map.of(
                        "eventType", "raw",
                        "lastEventId", "block",
                        "reconnectionTime", "block",
                        "comments", true,
                        "progress", true),
                Adapter::parse);
    }

    private static void parse(Delivery delivery, Observation observation) throws Throwable {
        // The chunks are pushed, so that what comes out before the next push came out after this chunk.
        Sinks.Many<DataBuffer> body = Sinks.many().unicast().onBackpressureBuffer();
        Subscriber subscriber = new Subscriber(observation);
        new ServerSentEventHttpMessageReader()
                .read(EVENT, new Response(body.asFlux()), Map.of())
                .subscribe(subscriber::onEvent, subscriber::onError);
        for (byte[] chunk : delivery.chunks()) {
            // The reader takes an empty last buffer for a line, and upstream has connectors keep such buffers back:
            // https://github.com/reactor/reactor-netty/pull/3000.
            if (chunk.length > 0) {
                body.tryEmitNext(DefaultDataBufferFactory.sharedInstance.wrap(chunk));
            }
            subscriber.chunk++;
        }
        body.tryEmitComplete();
        if (subscriber.error != null) {
            throw subscriber.error;
        }
    }

    private static final class Subscriber {
        private final Observation observation;
        private int chunk;
        private Throwable error;

        Subscriber(Observation observation) {
            this.observation = observation;
        }

        void onEvent(Object object) {
            ServerSentEvent<?> event = (ServerSentEvent<?>) object;
            Duration retry = event.retry();
            observation.events.add(new Observation.Event(
                    event.event(),
                    (String) event.data(),
                    event.id(),
                    retry == null ? null : retry.toMillis(),
                    event.comment() == null ? null : List.of(event.comment()),
                    chunk));
        }

        void onError(Throwable error) {
            this.error = error;
        }
    }

    private record Response(Flux<DataBuffer> body) implements ReactiveHttpInputMessage {
        @Override
        public HttpHeaders getHeaders() {
            HttpHeaders headers = new HttpHeaders();
            headers.setContentType(MediaType.TEXT_EVENT_STREAM);
            return headers;
        }

        @Override
        public Flux<DataBuffer> getBody() {
            return body;
        }
    }
}
