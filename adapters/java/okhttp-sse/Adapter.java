import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import okhttp3.Call;
import okhttp3.Dispatcher;
import okhttp3.Headers;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okhttp3.sse.EventSource;
import okhttp3.sse.EventSourceListener;
import okhttp3.sse.EventSources;
import okio.Buffer;
import okio.ForwardingSource;
import okio.Okio;
import okio.Source;

/** The event source of okhttp-sse, as its documentation shows it. */
final class Adapter {
    private static final EventSource.Factory FACTORY = EventSources.createFactory(client());

    public static void main(String[] arguments) throws IOException {
        ClientProtocol.serve(
                "okhttp-sse",
                ClientProtocol.bundleVersion(EventSources.class),
                Map.of("eventType", "raw", "lastEventId", "stream", "headers", true, "post", true),
                Adapter::connect);
    }

    private static OkHttpClient client() {
        // By default five calls to a host are made at once, and a stream is a call: more would wait for the first to end.
        Dispatcher dispatcher = new Dispatcher();
        dispatcher.setMaxRequests(Integer.MAX_VALUE);
        dispatcher.setMaxRequestsPerHost(Integer.MAX_VALUE);
        return new OkHttpClient.Builder()
                .dispatcher(dispatcher)
                .addInterceptor(chain -> {
                    Response response = chain.proceed(chain.request());
                    ResponseBody body = response.body();
                    Source source = new Calm(body.source(), chain.call());
                    return response.newBuilder()
                            .body(ResponseBody.create(Okio.buffer(source), body.contentType(), body.contentLength()))
                            .build();
                })
                .build();
    }

    private static void connect(ClientProtocol.Params params, ClientProtocol.Connection connection) {
        Request.Builder request = new Request.Builder().url(params.url());
        if (params.headers() != null) {
            request.headers(Headers.of(params.headers()));
        }
        if (params.method() != null) {
            // As bytes, since a body of text would bring a Content-Type of its own.
            byte[] body = params.body() == null ? new byte[0] : params.body().getBytes(StandardCharsets.UTF_8);
            request.method(params.method(), RequestBody.create(body));
        }
        EventSource eventSource = FACTORY.newEventSource(request.build(), new Listener(connection));
        connection.closeBy(eventSource::cancel);
    }

    /**
     * A body whose end costs a moment each time it is read again, and which cannot be read again once its call is cancelled.
     *
     * <p>After a CR at the end of a body the reader asks for the next byte for ever, as fast as it can, and cancel() does
     * not stop it. Dozens of such threads would slow down every other connection of the process, and stay until its end.
     */
    private static final class Calm extends ForwardingSource {
        private static final long MOMENT_MS = 20;
        private final Call call;
        private boolean hasEnded;

        Calm(Source body, Call call) {
            super(body);
            this.call = call;
        }

        @Override
        public long read(Buffer sink, long byteCount) throws IOException {
            if (hasEnded) {
                awaitMoment();
                if (call.isCanceled()) {
                    throw new IOException("Canceled");
                }
            }
            long count = super.read(sink, byteCount);
            hasEnded = count == -1;
            return count;
        }

        private static void awaitMoment() throws IOException {
            try {
                Thread.sleep(MOMENT_MS);
            } catch (InterruptedException exception) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException();
            }
        }
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
