import com.launchdarkly.eventsource.CommentEvent;
import com.launchdarkly.eventsource.ErrorStrategy;
import com.launchdarkly.eventsource.EventSource;
import com.launchdarkly.eventsource.FaultEvent;
import com.launchdarkly.eventsource.MessageEvent;
import com.launchdarkly.eventsource.RetryDelayStrategy;
import com.launchdarkly.eventsource.StartedEvent;
import com.launchdarkly.eventsource.StreamEvent;
import java.io.IOException;
import java.net.URI;
import java.util.Map;

/** The events of an EventSource in a loop, with the strategy that has it come back, as its documentation shows it. */
final class Adapter {
    public static void main(String[] arguments) throws IOException {
        ClientProtocol.serve(
                "okhttp-eventsource",
                EventSource.class.getPackage().getImplementationVersion(),
                Map.of("lastEventId", "stream", "comments", true, "reconnects", true),
                Adapter::connect);
    }

    private static void connect(String url, ClientProtocol.Connection connection) {
        EventSource eventSource = new EventSource.Builder(URI.create(url))
                .errorStrategy(ErrorStrategy.alwaysContinue())
                // By default each delay is up to a half shorter than what the stream asks for.
                // What differs from run to run cannot be compared with what is known.
                .retryDelayStrategy(RetryDelayStrategy.defaultStrategy().jitterMultiplier(0))
                .build();
        connection.closeBy(eventSource::close);
        for (StreamEvent event : eventSource.anyEvents()) {
            if (event instanceof StartedEvent) {
                connection.open();
            } else if (event instanceof MessageEvent message) {
                connection.event(message.getEventName(), message.getData(), message.getLastEventId());
            } else if (event instanceof CommentEvent comment) {
                connection.comment(comment.getText());
            } else if (event instanceof FaultEvent fault) {
                connection.error(fault.getCause());
            }
        }
        // It ends only when it is closed.
        connection.over();
    }
}
