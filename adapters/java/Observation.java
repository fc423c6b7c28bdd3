import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import java.util.ArrayList;
import java.util.List;

/** What an implementation did with a delivery, in the protocol's keys; null is absent. */
@JsonAutoDetect(fieldVisibility = Visibility.NON_PRIVATE)
@JsonInclude(Include.NON_NULL)
final class Observation {
    final List<Event> events = new ArrayList<>();
    @JsonInclude(Include.NON_EMPTY)
    final List<String> comments = new ArrayList<>();
    String lastEventId;
    Long reconnectionTime;
    String error;

    @JsonInclude(Include.NON_NULL)
    record Event(String type, String data, String lastEventId, Long reconnectionTime, List<String> comments, int chunk) {}
}
