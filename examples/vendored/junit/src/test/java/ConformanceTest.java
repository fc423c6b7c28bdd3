import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.launchdarkly.eventsource.*;
import com.launchdarkly.logging.LDLogger;
import java.io.*;
import java.net.URI;
import java.nio.file.Path;
import java.util.*;
import java.util.stream.*;
import org.junit.jupiter.api.*;

/** Holds okhttp-eventsource to the vendored cases: `mvn test`. */
class ConformanceTest {
    static final Path INDEX = Path.of("../../../cases/exported/index.json"); // where your copy is

    /** What your parser shows. */
    record Seen(List<List<String>> events, String lastEventId, String time) {}

    /** Your parser, as your users drive it: a read for each chunk in, what they see out. */
    static Seen parse(List<byte[]> chunks) {
        List<List<String>> events = new ArrayList<>();
        InputStream body = new SequenceInputStream(Collections.enumeration(chunks.stream().map(ByteArrayInputStream::new).toList()));
        EventSource eventSource = new EventSource.Builder(inMemory(body)).build();
        try (eventSource) {
            while (true) {
                MessageEvent event = eventSource.readMessage();
                events.add(List.of(event.getEventName(), event.getData(), Objects.toString(event.getLastEventId(), "")));
            }
        } catch (StreamClosedByServerException endOfStream) {
            // A further read would reconnect.
        } catch (Exception exception) {
            events.add(List.of("exception", exception.toString(), ""));
        }
        return new Seen(events, Objects.toString(eventSource.getLastEventId(), ""), "" + eventSource.getBaseRetryDelayMillis());
    }

    /** An answer in the same shape; what the case does not ask for is as it was seen. */
    static Seen view(VendoredCases.Answer answer, Seen seen) {
        return new Seen(
                answer.events().stream().map(event -> List.of(event.type(), event.data(), event.lastEventId())).toList(),
                Objects.requireNonNullElse(answer.lastEventId(), seen.lastEventId()),
                Objects.requireNonNullElse(answer.reconnectionTime(), seen.time()));
    }

    static void check(VendoredCases.Case one) {
        for (List<byte[]> chunks : one.deliveries()) {
            Seen seen = parse(chunks);
            List<Seen> answers = one.answers().stream().map(answer -> view(answer, seen)).toList();
            assertEquals(answers.contains(seen) ? seen : answers.get(0), seen, one.id() + ": " + one.why());
        }
    }

    @TestFactory
    Stream<DynamicTest> conformance() throws IOException {
        Set<String> expected = VendoredCases.expectedDeviations(Path.of("expected-deviations.txt"));
        Stream<DynamicTest> tests = VendoredCases.read(INDEX).stream().map(one -> expected.remove(one.id())
                ? dynamicTest(one.id(), () -> assertThrows(AssertionError.class, () -> check(one), one.id() + ": take it off the list of expected deviations"))
                : dynamicTest(one.id(), () -> check(one)));
        return Stream.concat(tests, Stream.of(dynamicTest("every expected deviation is a case", () -> assertEquals(Set.of(), expected))));
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
}
