import java.io.IOException;
import java.util.Map;

/** The recipe in Recipe.java; each call of its callback is an event. */
final class Adapter {
    public static void main(String[] arguments) throws IOException {
        Protocol.serve(
                "by hand (tutorial style): a regular expression over \"content\"",
                "by hand",
                Map.of("eventType", "raw", "progress", true),
                Adapter::parse);
    }

    private static void parse(Delivery delivery, Observation observation) throws IOException {
        Delivery.Body body = delivery.body();
        Recipe.readStream(body, data -> {
            observation.events.add(new Observation.Event(null, data, null, null, null, body.chunk()));
        });
    }
}
