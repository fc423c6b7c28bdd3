import com.launchdarkly.eventsource.CommentEvent;
import com.launchdarkly.eventsource.ConnectStrategy;
import com.launchdarkly.eventsource.EventSource;
import com.launchdarkly.eventsource.MessageEvent;
import com.launchdarkly.eventsource.StreamClosedByServerException;
import com.launchdarkly.eventsource.StreamEvent;
import com.launchdarkly.logging.LDLogger;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The EventSource over one body in place of HTTP, by the extension point that its documentation names for other sources. */
final class Adapter {
    // What the client shows until the stream sets another; no retry field can set this delay.
    private static final long NO_RETRY_DELAY = -1;
    private static final String NO_ID = "";

    public static void main(String[] arguments) throws IOException {
        Protocol.serve(
                "okhttp-eventsource",
                EventSource.class.getPackage().getImplementationVersion(),
                Map.of(
                        "eventType", "default",
                        "lastEventId", "stream",
                        "reconnectionTime", "stream",
                        "comments", true,
                        "progress", true),
                Adapter::parse);
    }

    private static void parse(Delivery delivery, Observation observation) throws Exception {
        Delivery.Body body = delivery.body();
        EventSource eventSource = new EventSource.Builder(new InMemory(body))
                .lastEventId(delivery.lastEventId() == null ? NO_ID : delivery.lastEventId())
                .retryDelay(NO_RETRY_DELAY, TimeUnit.MILLISECONDS)
                .build();
        try (eventSource) {
            while (true) {
                StreamEvent event = eventSource.readAnyEvent();
                if (event instanceof MessageEvent message) {
                    observation.events.add(new Observation.Event(
                            message.getEventName(), message.getData(), message.getLastEventId(), null, null, body.chunk()));
                } else if (event instanceof CommentEvent comment) {
                    observation.comments.add(comment.getText());
                }
            }
        } catch (StreamClosedByServerException endOfStream) {
            // By default the end of the stream is reported so, and a further read would reconnect.
        } finally {
            observation.lastEventId = eventSource.getLastEventId();
            long retryDelay = eventSource.getBaseRetryDelayMillis();
            observation.reconnectionTime = retryDelay == NO_RETRY_DELAY ? null : retryDelay;
        }
    }

    private static final class InMemory extends ConnectStrategy {
        private final Delivery.Body body;

        InMemory(Delivery.Body body) {
            this.body = body;
        }

        @Override
        public Client createClient(LDLogger logger) {
            return new Client() {
                @Override
                public Result connect(String lastEventId) {
                    return new Result(body, getOrigin(), null);
                }

                @Override
                public URI getOrigin() {
                    return URI.create("memory:body");
                }

                @Override
                public boolean awaitClosed(long timeoutMillis) {
                    return true;
                }

                @Override
                public void close() {}
            };
        }
    }
}
