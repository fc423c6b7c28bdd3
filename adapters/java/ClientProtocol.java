import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;

/**
 * The adapter protocol for clients (../README.md): connections are opened, and what they report goes out at once.
 *
 * <p>Knows nothing about event streams.
 */
final class ClientProtocol {
    private static final long CLOSING_SECONDS = 1;

    // Many connections are asked for at once. Whoever reads the requests must not start them all before the next
    // disconnect is read.
    private final ExecutorService starter = Executors.newSingleThreadExecutor();
    // Where they connect and close, which in some implementations takes a while.
    private final ExecutorService applications = Executors.newCachedThreadPool();
    private final Map<String, Connection> connections = new HashMap<>();
    private final Protocol.Description description;
    private final Client client;
    private final OutputStream output;

    private ClientProtocol(Protocol.Description description, Client client, OutputStream output) {
        this.description = description;
        this.client = client;
        this.output = output;
    }

    /** Drives an implementation over one connection. */
    interface Client {
        /** Opens it and says by {@link Connection#closeBy} how to close it; what this throws is a fatal error. */
        void connect(Params params, Connection connection) throws Exception;
    }

    /** Closes as the application would. */
    interface Closer {
        void close() throws Exception;
    }

    /** Serves one client until {@code shutdown} or the end of standard input. */
    static void serve(String implementation, String version, Map<String, ?> features, Client client) throws IOException {
        OutputStream output = new FileOutputStream(FileDescriptor.out);
        // Standard output belongs to the protocol, whatever the implementation prints.
        System.setOut(System.err);

        Protocol.Description description = new Protocol.Description(implementation, version, "Java", "client", features);
        ClientProtocol protocol = new ClientProtocol(description, client, output);
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line = requests.readLine();
        while (line != null && protocol.serve(line)) {
            line = requests.readLine();
        }
        // Whatever threads an implementation has left.
        System.exit(0);
    }

    /** The version of the library that a class comes from, where its jar tells it in OSGi's way alone. */
    static String bundleVersion(Class<?> member) throws IOException {
        String library = member.getProtectionDomain().getCodeSource().getLocation().getPath();
        try (JarFile jar = new JarFile(library)) {
            return jar.getManifest().getMainAttributes().getValue("Bundle-Version");
        }
    }

    /** False after the last request. */
    private boolean serve(String line) {
        Request request;
        try {
            request = Protocol.JSON.readValue(line, Request.class);
        } catch (JsonProcessingException exception) {
            write(Protocol.Answer.failure(null, -32700, "not JSON: " + exception.getOriginalMessage()));
            return true;
        }
        Params params = request.params();
        Protocol.Answer done = Protocol.Answer.success(request.id(), Map.of());
        switch (request.method()) {
            case "initialize" -> write(
                    params.protocolVersion() == Protocol.VERSION && "client".equals(params.role())
                            ? Protocol.Answer.success(request.id(), description)
                            : Protocol.Answer.failure(
                                    request.id(), -32602, "only a client, only version " + Protocol.VERSION));
            case "connect" -> {
                Connection connection = new Connection(params.connection(), params.closeOn());
                connections.put(params.connection(), connection);
                starter.execute(() -> {
                    // Answered first, so that no report can be faster.
                    write(done);
                    applications.execute(() -> connection.open(params));
                });
            }
            case "disconnect" -> {
                Connection connection = connections.remove(params.connection());
                applications.execute(() -> {
                    if (connection != null) {
                        connection.disconnect();
                    }
                    write(done);
                });
            }
            case "shutdown" -> write(done);
            default -> write(Protocol.Answer.failure(request.id(), -32601, "unknown method " + request.method()));
        }
        return !request.method().equals("shutdown");
    }

    private synchronized void write(Object message) {
        try {
            byte[] line = Protocol.JSON.writeValueAsBytes(message);
            line = Arrays.copyOf(line, line.length + 1);
            line[line.length - 1] = '\n';
            output.write(line);
        } catch (IOException exception) {
            throw new UncheckedIOException(exception);
        }
    }

    /**
     * What the implementation tells the application of one connection.
     *
     * <p>Where the harness wants the connection closed inside a handler, the report of that name closes it.
     */
    final class Connection {
        private final String handle;
        private final String closeOn;
        private final CompletableFuture<Closer> closer = new CompletableFuture<>();
        private final CountDownLatch over = new CountDownLatch(1);

        private Connection(String handle, String closeOn) {
            this.handle = handle;
            this.closeOn = closeOn;
        }

        void closeBy(Closer closer) {
            this.closer.complete(closer);
        }

        void open() {
            report("open", new Report(handle));
        }

        void event(String type, String data, String lastEventId) {
            report("event", new Event(handle, type, data, lastEventId));
        }

        void comment(String comment) {
            report("comment", new Comment(handle, comment));
        }

        /** The implementation will come back. */
        void error(Throwable error) {
            report("error", new Failure(handle, false, String.valueOf(error)));
        }

        /** The implementation has given up. */
        void fatal(Throwable error) {
            report("error", new Failure(handle, true, String.valueOf(error)));
            over();
        }

        /** The stream is over, and the implementation does not come back. */
        void end() {
            report("end", new Report(handle));
            over();
        }

        /** The implementation is through with the connection, and has no more to say. */
        void over() {
            over.countDown();
        }

        private void report(String method, Object params) {
            write(new Notification("2.0", method, params));
            if (method.equals(closeOn)) {
                // A handler may be called before the application has got what it closes by.
                close(closer.join());
            }
        }

        private void open(Params params) {
            try {
                client.connect(params, this);
            } catch (Exception exception) {
                fatal(exception);
            }
        }

        /** Closes and waits as an application does that wants to hear no more, but not for ever. */
        private void disconnect() {
            closer.thenAccept(this::close);
            try {
                over.await(CLOSING_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException exception) {
                Thread.currentThread().interrupt();
            }
        }

        private void close(Closer closer) {
            try {
                closer.close();
            } catch (Exception exception) {
                exception.printStackTrace();
            }
        }
    }

    private record Request(Object id, String method, Params params) {}

    /** What the harness asks for; what it does not ask for is null. */
    record Params(
            int protocolVersion,
            String role,
            String connection,
            String url,
            String closeOn,
            String method,
            String body,
            Map<String, String> headers,
            String lastEventId,
            Long initialReconnectionTime) {}

    private record Notification(String jsonrpc, String method, Object params) {}

    private record Report(String connection) {}

    private record Event(
            String connection,
            @JsonInclude(Include.NON_NULL) String type,
            @JsonInclude(Include.NON_NULL) String data,
            @JsonInclude(Include.NON_NULL) String lastEventId) {}

    private record Comment(String connection, String comment) {}

    private record Failure(String connection, boolean fatal, String message) {}
}
