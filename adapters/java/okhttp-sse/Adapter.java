import java.io.IOException;
import java.util.Map;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.sse.EventSource;
import okhttp3.sse.EventSourceListener;
import okhttp3.sse.EventSources;

/** The event source of okhttp-sse, as its documentation shows it. */
final class Adapter {
    private static final EventSource.Factory FACTORY = EventSources.createFactory(client());

    public static void main(String[] arguments) throws IOException {
        ClientProtocol.serve(
                "okhttp-sse",
                ClientProtocol.bundleVersion(EventSources.class),
                Map.of("eventType", "raw", "lastEventId", "stream"),
                Adapter::connect);
    }

    private static OkHttpClient client() {
        // By default five calls to a host are made at once, and a stream is a call: more would wait for the first to end.
        Dispatcher dispatcher = new Dispatcher();
        dispatcher.setMaxRequests(Integer.MAX_VALUE);
        dispatcher.setMaxRequestsPerHost(Integer.MAX_VALUE);
        return new OkHttpClient.Builder().dispatcher(dispatcher).build();
    }

    private static void connect(String url, ClientProtocol.Connection connection) {
        EventSource eventSource = FACTORY.newEventSource(new Request.Builder().url(url).build(), new Listener(connection));
        connection.closeBy(eventSource::cancel);
    }

    private static final class Listener extends EventSourceListener {
        private final ClientProtocol.Connection connection;

        Listener(ClientProtocol.Connection connection) {
            this.connection = connection;
        }

        @Override
        public void onOpen(EventSource eventSource, Response response) {
            connection.open();
        }

        @Override
        public void onEvent(EventSource eventSource, String id, String type, String data) {
            connection.event(type, data, id);
        }

        @Override
        public void onClosed(EventSource eventSource) {
            connection.end();
        }

        @Override
        public void onFailure(EventSource eventSource, Throwable error, Response response) {
            connection.fatal(error == null ? new IOException(response.toString()) : error);
        }
    }
}
