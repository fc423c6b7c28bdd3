import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The exported index to cases that are ready to try: copy this file as it is. */
final class VendoredCases {
    /** A delivery is a list of chunks, and any one of the answers conforms. */
    record Case(String id, String why, List<List<byte[]>> deliveries, List<Answer> answers) {}

    /** Every event; what the case does not ask for is null. */
    record Answer(List<Event> events, String lastEventId, String reconnectionTime) {}

    /** As the standard has it; the block id is null where the event's own block has none. */
    record Event(String type, String data, String lastEventId, String blockId) {}

    static List<Case> read(Path index) throws IOException {
        List<Case> cases = new ArrayList<>();
        for (JsonNode one : new ObjectMapper().readTree(index.toFile()).get("cases")) {
            byte[] stream = joined(one.get("stream"), "base64");
            List<List<byte[]>> deliveries = new ArrayList<>();
            deliveries.add(cut(stream, List.of()));
            deliveries.add(cut(stream, Collections.nCopies(Math.min(stream.length, 4096), 1)));
            List<Integer> lengths = new ArrayList<>();
            for (JsonNode length : one.path("chunks")) lengths.add(length.asInt());
            deliveries.add(cut(stream, lengths));
            for (JsonNode at : one.get("cuts")) deliveries.add(cut(stream, List.of(at.asInt())));
            List<Answer> answers = new ArrayList<>();
            for (JsonNode answer : one.has("one_of") ? one.get("one_of") : List.of(one)) answers.add(answer(answer));
            cases.add(new Case(one.get("id").textValue(), one.get("why").textValue(), deliveries, answers));
        }
        return cases;
    }

    /** The ids in a list: one on a line, after # a comment. */
    static Set<String> expectedDeviations(Path list) throws IOException {
        Set<String> ids = new TreeSet<>(Files.readAllLines(list));
        ids.removeIf(line -> line.isEmpty() || line.startsWith("#"));
        return ids;
    }

    private static Answer answer(JsonNode answer) throws IOException {
        List<Event> events = new ArrayList<>();
        for (JsonNode event : answer.get("events")) {
            events.add(new Event(text(event.get("type")), text(event.get("data")), text(event.get("last_event_id")), text(event.get("block_id"))));
        }
        JsonNode end = answer.get("end");
        return new Answer(events, text(end.get("last_event_id")), text(end.get("reconnection_time")));
    }

    /** Chunks of these lengths, and whatever is left. */
    private static List<byte[]> cut(byte[] stream, List<Integer> lengths) throws IOException {
        ByteArrayInputStream rest = new ByteArrayInputStream(stream);
        List<byte[]> chunks = new ArrayList<>();
        for (int length : lengths) chunks.add(rest.readNBytes(length));
        chunks.add(rest.readAllBytes());
        return chunks;
    }

    private static String text(JsonNode value) throws IOException {
        return value == null ? null : new String(joined(value, "text"), StandardCharsets.UTF_8);
    }

    /** What is long is a list of pieces. */
    private static byte[] joined(JsonNode value, String key) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (JsonNode piece : value.isArray() ? value : List.of(value)) {
            JsonNode unit = piece.isObject() ? piece.get(key) : piece;
            byte[] decoded = key.equals("base64") ? unit.binaryValue() : unit.textValue().getBytes(StandardCharsets.UTF_8);
            for (int n = piece.path("times").asInt(1); n > 0; n--) bytes.write(decoded);
        }
        return bytes.toByteArray();
    }
}
