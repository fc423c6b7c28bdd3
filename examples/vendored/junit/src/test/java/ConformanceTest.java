import com.launchdarkly.eventsource.*;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.*;
import java.util.stream.Stream;
import okhttp3.*;
import okio.Okio;
import org.junit.jupiter.api.*;

/** Holds okhttp-eventsource to the vendored cases: `mvn test`. */
class ConformanceTest {
    @TestFactory
    Stream<DynamicTest> conformance() throws Exception {
        Path index = Path.of("../../../cases/exported/index.json"); // where your copy is
        List<String> events = List.of("type", "data", "last_event_id"); // what it shows of events,
        List<String> end = List.of("last_event_id", "reconnection_time"); // and of the end
        return VendoredCases.tests(index, Path.of("expected-deviations.txt"), events, end, ConformanceTest::parse);
    }

    /** Your parser, as your users drive it: a read for each chunk in, what they see out. */
    static VendoredCases.Answer parse(List<byte[]> chunks) throws Exception {
        List<Map<String, String>> events = new ArrayList<>();
        try (EventSource eventSource = new EventSource.Builder(server(VendoredCases.inputStream(chunks))).build()) {
            for (MessageEvent event : eventSource.messages()) {
                String id = Objects.toString(event.getLastEventId(), "");
                events.add(Map.of("type", event.getEventName(), "data", event.getData(), "last_event_id", id));
            }
            String id = Objects.toString(eventSource.getLastEventId(), "");
            String time = "" + eventSource.getBaseRetryDelayMillis();
            return new VendoredCases.Answer(events, Map.of("last_event_id", id, "reconnection_time", time));
        }
    }

    /** A connection in memory. */
    static ConnectStrategy server(InputStream body) {
        ResponseBody response = ResponseBody.create(Okio.buffer(Okio.source(body)), MediaType.get("text/event-stream"), -1);
        Response.Builder answer = new Response.Builder().protocol(Protocol.HTTP_1_1).code(200).message("OK").body(response);
        return ConnectStrategy.http(URI.create("http://server"))
                .clientBuilderActions(client -> client.addInterceptor(call -> answer.request(call.request()).build()));
    }
}
