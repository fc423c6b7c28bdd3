import jakarta.ws.rs.client.Client;
import jakarta.ws.rs.client.ClientBuilder;
import jakarta.ws.rs.sse.InboundSseEvent;
import jakarta.ws.rs.sse.SseEventSource;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.glassfish.jersey.media.sse.EventInput;

/** The SseEventSource of Jakarta REST in Jersey, as its documentation shows it. */
final class Adapter {
    // A stream that has come back is read on a thread of the client's scheduler, which by default has one for each processor:
    // with more connections than that, some would wait for others to end.
    private static final int CONNECTIONS = 1000;
    private static final Client CLIENT = ClientBuilder.newBuilder()
            .scheduledExecutorService(Executors.newScheduledThreadPool(CONNECTIONS))
            .build();

    public static void main(String[] arguments) throws IOException {
        ClientProtocol.serve(
                "jersey-media-sse",
                ClientProtocol.bundleVersion(EventInput.class),
                Map.of(
                        "eventType", "raw",
                        "lastEventId", "block",
                        "comments", true,
                        "reconnects", true,
                        "initialReconnectionTime", true),
                Adapter::connect);
    }

    private static void connect(ClientProtocol.Params params, ClientProtocol.Connection connection) {
        SseEventSource.Builder builder = SseEventSource.target(CLIENT.target(params.url()));
        if (params.initialReconnectionTime() != null) {
            builder.reconnectingEvery(params.initialReconnectionTime(), TimeUnit.MILLISECONDS);
        }
        SseEventSource eventSource = builder.build();
        // It completes when it is closed, and tells of an error when it has given up.
        eventSource.register(event -> onEvent(event, connection), connection::fatal, connection::over);
        connection.closeBy(eventSource::close);
        eventSource.open();
    }

    private static void onEvent(InboundSseEvent event, ClientProtocol.Connection connection) {
        if (event.getComment() != null) {
            connection.comment(event.getComment());
        }
        connection.event(event.getName(), event.readData(), event.getId());
    }
}
