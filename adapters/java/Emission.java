import com.fasterxml.jackson.databind.JsonNode;

/**
 * An event as the application emits it; what it does not set is null.
 *
 * @param retry a number of milliseconds, or a text where the interface takes one
 */
record Emission(int index, String data, String type, String id, JsonNode retry, String comment) {
    Emission at(int index) {
        return new Emission(index, data, type, id, retry, comment);
    }
}
