import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * The adapter protocol for parsers (../README.md): request lines on standard input, to answer lines on standard output.
 *
 * <p>Knows nothing about event streams.
 */
final class Protocol {
    static final int VERSION = 0;

    // ASCII alone, so that a lone surrogate is escaped instead of replaced.
    static final JsonMapper JSON =
            JsonMapper.builder(JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build())
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .build();

    private final Description description;
    private final Parser parser;

    private Protocol(Description description, Parser parser) {
        this.description = description;
        this.parser = parser;
    }

    /** Drives an implementation over a delivery and notes what comes out. */
    interface Parser {
        /** What this throws becomes {@code error}, beside the events so far. */
        void parse(Delivery delivery, Observation observation) throws Throwable;
    }

    /** Serves one parser until {@code shutdown} or the end of standard input. */
    static void serve(String implementation, String version, Map<String, ?> features, Parser parser) throws IOException {
        OutputStream answers = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16);
        // Standard output belongs to the protocol, whatever the implementation prints.
        System.setOut(System.err);

        Protocol protocol = new Protocol(new Description(implementation, version, "Java", "parser", features), parser);
        InputStream input = new FlushBeforeRead(System.in, answers);
        BufferedReader requests = new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            Answer answer = protocol.answer(line);
            answers.write(JSON.writeValueAsBytes(answer));
            answers.write('\n');
            if (answer.result() instanceof ShutDown) {
                break;
            }
        }
        answers.flush();
    }

    private Answer answer(String line) {
        Request request;
        try {
            request = JSON.readValue(line, Request.class);
        } catch (JsonProcessingException exception) {
            return Answer.failure(null, -32700, "not JSON: " + exception.getOriginalMessage());
        }
        return switch (request.method()) {
            case "initialize" -> {
                if (request.params().protocolVersion() != VERSION) {
                    yield Answer.failure(request.id(), -32602, "this adapter speaks version " + VERSION);
                }
                if (!"parser".equals(request.params().role())) {
                    yield Answer.failure(request.id(), -32602, "this adapter has no role " + request.params().role());
                }
                yield Answer.success(request.id(), description);
            }
            case "parse" -> Answer.success(request.id(), observe(request.params()));
            case "shutdown" -> Answer.success(request.id(), new ShutDown());
            default -> Answer.failure(request.id(), -32601, "unknown method " + request.method());
        };
    }

    private Observation observe(Params params) {
        Observation observation = new Observation();
        try {
            parser.parse(new Delivery(params.chunks(), params.lastEventId()), observation);
        } catch (Throwable exception) {
            observation.error = exception.toString();
        }
        return observation;
    }

    /** Flushes the answers before each read, which may block: neither a flush per answer nor a deadlock. */
    private static final class FlushBeforeRead extends FilterInputStream {
        private final OutputStream answers;

        FlushBeforeRead(InputStream input, OutputStream answers) {
            super(input);
            this.answers = answers;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            answers.flush();
            return super.read(buffer, offset, length);
        }
    }

    private record Request(Object id, String method, Params params) {}

    /** The parameters of {@code initialize} or of {@code parse}. */
    private record Params(int protocolVersion, String role, List<byte[]> chunks, String lastEventId) {}

    record Description(String implementation, String version, String language, String role, Map<String, ?> features) {}

    record ShutDown() {}

    record Failure(int code, String message) {}

    record Answer(
            String jsonrpc,
            Object id,
            @JsonInclude(Include.NON_NULL) Object result,
            @JsonInclude(Include.NON_NULL) Failure error) {
        static Answer success(Object id, Object result) {
            return new Answer("2.0", id, result, null);
        }

        static Answer failure(Object id, int code, String message) {
            return new Answer("2.0", id, null, new Failure(code, message));
        }
    }
}
