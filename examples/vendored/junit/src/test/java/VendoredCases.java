import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.SequenceInputStream;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** The exported cases as tests for JUnit 5: copy this file as it is. */
final class VendoredCases {
    private static final ObjectMapper JSON = JsonMapper.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

    /** What is expected, or seen, by the keys of the index; what there is none of is null or has no key. */
    record Answer(List<Map<String, String>> events, Map<String, String> end) {}

    /** Your function that drives your parser. */
    interface Parser {
        Answer parse(List<byte[]> chunks) throws Exception;
    }

    private record Shows(List<String> events, List<String> end) {}

    /**
     * One test for each case of the index.
     * Only the keys that the parser shows of events and of the end are compared.
     * A case on the list of expected deviations has to deviate.
     */
    static Stream<DynamicTest> tests(Path index, Path expectedDeviations, List<String> events, List<String> end, Parser parser)
            throws IOException {
        Shows shows = new Shows(events, end);
        Set<String> expected = ids(expectedDeviations);
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode one : JSON.readTree(index.toFile()).get("cases")) {
            String id = one.get("id").textValue();
            boolean isExpected = expected.remove(id);
            tests.add(dynamicTest(id, () -> {
                String deviation = deviation(one, shows, parser);
                if (isExpected && deviation == null) fail(id + ": take it off the list of expected deviations");
                if (!isExpected && deviation != null) fail(id + ": " + deviation);
            }));
        }
        tests.add(dynamicTest("every expected deviation is a case", () -> {
            if (!expected.isEmpty()) fail("no cases: " + expected);
        }));
        return tests.stream();
    }

    /** A stream for a parser: a read for each chunk. */
    static InputStream inputStream(List<byte[]> chunks) {
        return new SequenceInputStream(Collections.enumeration(chunks.stream().map(ByteArrayInputStream::new).toList()));
    }

    /** The ids in a list: one on a line, behind # a comment. */
    private static Set<String> ids(Path list) throws IOException {
        return Files.readAllLines(list).stream()
                .map(line -> line.replaceFirst("#.*", "").strip())
                .filter(id -> !id.isEmpty())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The first delivery that deviates, in words; null if none does. */
    private static String deviation(JsonNode one, Shows shows, Parser parser) throws IOException {
        for (List<byte[]> chunks : deliveries(one)) {
            Answer seen = new Answer(List.of(), Map.of());
            Throwable thrown = null;
            try {
                seen = present(parser.parse(chunks));
            } catch (Exception | StackOverflowError exception) {
                thrown = exception;
            }
            Set<Answer> views = new LinkedHashSet<>();
            for (JsonNode answer : one.has("one_of") ? one.get("one_of") : List.of(one)) {
                views.add(view(answer, seen, shows));
            }
            if (thrown == null && views.contains(seen)) continue;
            return text(one, chunks, thrown == null ? line(seen) : trace(thrown), views);
        }
        return null;
    }

    /** Whole, byte by byte, cut in two at each of the cuts, and in the case's own chunks. */
    private static List<List<byte[]>> deliveries(JsonNode one) throws IOException {
        byte[] stream = joined(one.get("stream"), "base64");
        List<Integer> lengths = new ArrayList<>();
        for (JsonNode length : one.path("chunks")) lengths.add(length.intValue());
        List<List<byte[]>> deliveries = new ArrayList<>();
        deliveries.add(cut(stream, List.of()));
        deliveries.add(cut(stream, Collections.nCopies(Math.min(stream.length, 4096), 1)));
        deliveries.add(cut(stream, lengths));
        for (JsonNode at : one.get("cuts")) deliveries.add(cut(stream, List.of(at.intValue())));
        return deliveries;
    }

    /** Chunks of these lengths, and whatever is left. */
    private static List<byte[]> cut(byte[] stream, List<Integer> lengths) throws IOException {
        ByteArrayInputStream rest = new ByteArrayInputStream(stream);
        List<byte[]> chunks = new ArrayList<>();
        for (int length : lengths) chunks.add(rest.readNBytes(length));
        if (rest.available() > 0) chunks.add(rest.readAllBytes());
        return chunks;
    }

    private static Answer present(Answer answer) {
        return new Answer(answer.events().stream().map(VendoredCases::present).toList(), present(answer.end()));
    }

    private static Map<String, String> present(Map<String, String> values) {
        Map<String, String> present = new TreeMap<>(values);
        present.values().removeIf(Objects::isNull);
        return present;
    }

    /** An answer as such a parser shows it; what the case does not ask of the end is as it was seen. */
    private static Answer view(JsonNode answer, Answer seen, Shows shows) throws IOException {
        List<Map<String, String>> events = new ArrayList<>();
        for (JsonNode event : answer.get("events")) events.add(picked(event, shows.events()));
        Map<String, String> end = new TreeMap<>(seen.end());
        end.keySet().retainAll(shows.end());
        end.putAll(picked(answer.get("end"), shows.end()));
        return new Answer(events, end);
    }

    private static Map<String, String> picked(JsonNode values, List<String> keys) throws IOException {
        Map<String, String> picked = new TreeMap<>();
        for (String key : keys) {
            if (values.has(key)) picked.put(key, new String(joined(values.get(key), "text"), UTF_8));
        }
        return picked;
    }

    /** What is long is a list of pieces. */
    private static byte[] joined(JsonNode value, String key) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (JsonNode piece : value.isArray() ? value : List.of(value)) {
            JsonNode unit = piece.isObject() ? piece.get(key) : piece;
            byte[] decoded = key.equals("base64") ? unit.binaryValue() : unit.textValue().getBytes(UTF_8);
            for (int n = piece.path("times").asInt(1); n > 0; n--) bytes.write(decoded);
        }
        return bytes.toByteArray();
    }

    private static String text(JsonNode one, List<byte[]> chunks, String seen, Set<Answer> views) throws IOException {
        List<String> expected = new ArrayList<>();
        for (Answer view : views) expected.add(line(view));
        return "%s\nstream   %s\nseen     %s\nexpected %s".formatted(
                one.get("why").textValue(),
                cutShort(chunks.stream().map(VendoredCases::quoted).toList().toString()),
                seen,
                String.join("\n      or ", expected));
    }

    private static String trace(Throwable thrown) {
        StringWriter trace = new StringWriter();
        thrown.printStackTrace(new PrintWriter(trace));
        return cutShort(trace.toString());
    }

    private static String line(Answer answer) throws IOException {
        return cutShort(JSON.writeValueAsString(answer));
    }

    private static String quoted(byte[] chunk) {
        StringBuilder text = new StringBuilder("\"");
        for (byte each : chunk) {
            switch (each) {
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '"', '\\' -> text.append('\\').append((char) each);
                default -> text.append((each >= ' ' && each <= '~' ? "%c" : "\\x%02x").formatted(each));
            }
        }
        return text.append('"').toString();
    }

    private static String cutShort(String line) {
        return line.length() <= 2000 ? line : line.substring(0, 2000) + "... (" + line.length() + " characters)";
    }
}
