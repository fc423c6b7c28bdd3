import com.launchdarkly.eventsource.CommentEvent;
import com.launchdarkly.eventsource.ConnectStrategy;
import com.launchdarkly.eventsource.ErrorStrategy;
import com.launchdarkly.eventsource.EventSource;
import com.launchdarkly.eventsource.FaultEvent;
import com.launchdarkly.eventsource.HttpConnectStrategy;
import com.launchdarkly.eventsource.MessageEvent;
import com.launchdarkly.eventsource.RetryDelayStrategy;
import com.launchdarkly.eventsource.StartedEvent;
import com.launchdarkly.eventsource.StreamEvent;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import okhttp3.Headers;
import okhttp3.RequestBody;

/** The events of an EventSource in a loop, with the strategy that has it come back, as its documentation shows it. */
final class Adapter {
    public static void main(String[] arguments) throws IOException {
        ClientProtocol.serve(
                "okhttp-eventsource",
                EventSource.class.getPackage().getImplementationVersion(),
                Map.of(
                        "lastEventId", "stream",
                        "comments", true,
                        "reconnects", true,
                        "headers", true,
                        "post", true,
                        "initialLastEventId", true,
                        "initialReconnectionTime", true),
                Adapter::connect);
    }

    private static void connect(ClientProtocol.Params params, ClientProtocol.Connection connection) {
        HttpConnectStrategy strategy = ConnectStrategy.http(URI.create(params.url()));
        if (params.headers() != null) {
            strategy = strategy.headers(Headers.of(params.headers()));
        }
        if (params.method() != null) {
            // As bytes, since a body of text would bring a Content-Type of its own.
            byte[] body = params.body() == null ? new byte[0] : params.body().getBytes(StandardCharsets.UTF_8);
            strategy = strategy.methodAndBody(params.method(), RequestBody.create(body));
        }
        EventSource.Builder builder = new EventSource.Builder(strategy);
        if (params.lastEventId() != null) {
            builder.lastEventId(params.lastEventId());
        }
        if (params.initialReconnectionTime() != null) {
            builder.retryDelay(params.initialReconnectionTime(), TimeUnit.MILLISECONDS);
        }
        EventSource eventSource = builder.errorStrategy(ErrorStrategy.alwaysContinue())
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
