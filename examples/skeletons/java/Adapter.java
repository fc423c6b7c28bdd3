import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.launchdarkly.eventsource.ConnectStrategy; // 1. your implementation
import com.launchdarkly.eventsource.EventSource;
import com.launchdarkly.eventsource.MessageEvent;
import com.launchdarkly.eventsource.StreamClosedByServerException;
import com.launchdarkly.logging.LDLogger;
import java.io.*;
import java.net.URI;
import java.util.*;

/** Requests on standard input to answers on standard output, one JSON object per line. */
final class Adapter {
    // Escapes keep a lone surrogate as it is; UTF-8 cannot.
    static final JsonMapper JSON = JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    static ObjectNode description() {
        ObjectNode description = JSON.createObjectNode()
                .put("implementation", "okhttp-eventsource")
                .put("version", EventSource.class.getPackage().getImplementationVersion())
                .put("language", "Java")
                .put("role", "parser");
        description.putObject("features").put("lastEventId", "stream"); // 2. what it shows
        return description;
    }

    static ObjectNode observe(JsonNode params) throws IOException {
        ObjectNode observation = JSON.createObjectNode();
        ArrayNode events = observation.putArray("events");
        List<InputStream> chunks = new ArrayList<>();
        for (JsonNode chunk : params.get("chunks")) chunks.add(new ByteArrayInputStream(chunk.binaryValue()));
        // 3. how its documentation drives it; one read gives one chunk
        InputStream body = new SequenceInputStream(Collections.enumeration(chunks));
        try (EventSource eventSource = new EventSource.Builder(inMemory(body)).build()) {
            while (true) {
                MessageEvent event = eventSource.readMessage();
                events.addObject()
                        .put("type", event.getEventName())
                        .put("data", event.getData())
                        .put("lastEventId", event.getLastEventId());
            }
        } catch (StreamClosedByServerException endOfStream) {
            // The end of the stream; a further read would reconnect.
        } catch (Exception exception) {
            observation.put("error", exception.toString());
        }
        return observation;
    }

    static ConnectStrategy inMemory(InputStream body) {
        return new ConnectStrategy() {
            @Override public Client createClient(LDLogger logger) {
                return new Client() {
                    @Override public Result connect(String lastEventId) { return new Result(body, getOrigin(), null); }
                    @Override public URI getOrigin() { return URI.create("memory:body"); }
                    @Override public boolean awaitClosed(long milliseconds) { return true; }
                    @Override public void close() {}
                };
            }
        };
    }

    static void answer(ObjectNode message, String method, JsonNode params) throws IOException {
        switch (method) {
            case "initialize" -> {
                if (params.get("protocolVersion").asInt() == 0 && params.get("role").asText().equals("parser")) {
                    message.set("result", description());
                } else {
                    message.putObject("error").put("code", -32602).put("message", "only a parser, only version 0");
                }
            }
            case "parse" -> message.set("result", observe(params));
            case "shutdown" -> message.putObject("result");
            default -> message.putObject("error").put("code", -32601).put("message", "unknown method " + method);
        }
    }

    public static void main(String[] arguments) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        PrintStream out = new PrintStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)), false, "UTF-8");
        // Standard output belongs to the protocol, whatever the implementation prints.
        System.setOut(System.err);
        String method = "";
        while (!method.equals("shutdown")) {
            String line = in.readLine();
            if (line == null) break;
            JsonNode request = JSON.readTree(line);
            method = request.get("method").asText();
            ObjectNode message = JSON.createObjectNode().put("jsonrpc", "2.0");
            message.set("id", request.get("id"));
            answer(message, method, request.path("params"));
            out.append(JSON.writeValueAsString(message)).append('\n');
            if (!in.ready()) out.flush();
        }
        out.flush();
    }
}
