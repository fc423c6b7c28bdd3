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
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The adapter protocol for servers (../README.md): streams are served as the harness asks, and what happens to them goes
 * out at once. This is the application that a server belongs to: it knows which events to emit to whom, and when.
 *
 * <p>Knows nothing about event streams.
 */
final class ServerProtocol {
    private final Map<String, Served> streams = new ConcurrentHashMap<>();
    private final AtomicInteger clients = new AtomicInteger();
    private final Protocol.Description description;
    private final OutputStream output;

    ServerProtocol(String implementation, String version, Map<String, ?> features) {
        description = new Protocol.Description(implementation, version, "Java", "server", features);
        output = new FileOutputStream(FileDescriptor.out);
        // Standard output belongs to the protocol, whatever the implementation prints.
        System.setOut(System.err);
    }

    /**
     * A request for a stream came, with the Last-Event-ID as the application is shown it, or null.
     *
     * @throws IllegalArgumentException if no such stream is served
     */
    EventClient request(String stream, String lastEventId) {
        Served served = streams.get(stream);
        if (served == null) {
            throw new IllegalArgumentException("no stream " + stream);
        }
        EventClient client = new EventClient(this, stream, "k" + clients.incrementAndGet(), served.params);
        served.clients.put(client.handle, client);
        client.requested(lastEventId);
        return client;
    }

    /** Speaks the protocol until {@code shutdown} or the end of standard input; {@code url} is where the server listens. */
    void run(String url) throws IOException {
        BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line = requests.readLine();
        while (line != null && serve(line, url)) {
            line = requests.readLine();
        }
        // Whatever threads an implementation has left.
        System.exit(0);
    }

    void notify(String method, Object params) {
        write(new Notification("2.0", method, params));
    }

    /** False after the last request. */
    private boolean serve(String line, String url) {
        Request request;
        try {
            request = Protocol.JSON.readValue(line, Request.class);
        } catch (JsonProcessingException exception) {
            write(Protocol.Answer.failure(null, -32700, "not JSON: " + exception.getOriginalMessage()));
            return true;
        }
        Params params = request.params();
        // What is asked for is answered first, so that no report of it can be faster.
        Protocol.Answer done = Protocol.Answer.success(request.id(), Map.of());
        switch (request.method()) {
            case "initialize" -> write(
                    params.protocolVersion() == Protocol.VERSION && "server".equals(params.role())
                            ? Protocol.Answer.success(request.id(), description)
                            : Protocol.Answer.failure(
                                    request.id(), -32602, "only a server, only version " + Protocol.VERSION));
            case "serve" -> {
                streams.put(params.stream(), new Served(params, new ConcurrentHashMap<>()));
                write(Protocol.Answer.success(request.id(), Map.of("url", url + "/" + params.stream())));
            }
            case "emit" -> {
                write(done);
                Served served = streams.get(params.stream());
                EventClient client = served == null ? null : served.clients.get(params.client());
                if (client != null) {
                    client.ask(params.index());
                }
            }
            case "stop" -> {
                write(done);
                Served served = streams.remove(params.stream());
                if (served != null) {
                    served.clients.values().forEach(EventClient::stop);
                }
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

    private record Served(Params params, Map<String, EventClient> clients) {}

    private record Request(Object id, String method, Params params) {}

    record Params(
            int protocolVersion,
            String role,
            String stream,
            List<Emission> events,
            String pace,
            String end,
            Long timeout,
            Integer status,
            Map<String, String> headers,
            String client,
            int index) {}

    private record Notification(String jsonrpc, String method, @JsonInclude(Include.NON_NULL) Object params) {}
}
