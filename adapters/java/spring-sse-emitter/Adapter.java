import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** Spring MVC's SseEmitter in a Tomcat, as its documentation shows it. */
final class Adapter {
    public static void main(String[] arguments) throws Exception {
        ServerProtocol application = new ServerProtocol(
                "spring-webmvc",
                SseEmitter.class.getPackage().getImplementationVersion(),
                Map.of(
                        "fields", List.of("data", "type", "id", "retry", "comment"),
                        "withoutData", true,
                        "lastEventId", true,
                        "timeout", true,
                        "disconnects", true,
                        "headers", true,
                        "status", true));
        application.run(EmbeddedTomcat.start(SpringMvc.of(new Controller(application))));
    }

    @RestController
    static final class Controller {
        private final ExecutorService threads = Executors.newCachedThreadPool();
        private final ServerProtocol application;

        Controller(ServerProtocol application) {
            this.application = application;
        }

        @GetMapping(path = "/{stream}", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
        ResponseEntity<SseEmitter> events(
                @PathVariable("stream") String stream,
                @RequestHeader(name = "Last-Event-ID", required = false) String lastEventId) {
            EventClient client = application.request(stream, lastEventId);
            if (client.status != null) {
                return ResponseEntity.status(client.status).build();
            }
            SseEmitter emitter = client.timeout == null ? new SseEmitter() : new SseEmitter(client.timeout);
            emitter.onError(error -> client.left());
            threads.execute(() -> emit(client, emitter));
            return ResponseEntity.ok()
                    .headers(headers -> client.headers.forEach(headers::set))
                    .body(emitter);
        }
    }

    private static void emit(EventClient client, SseEmitter emitter) {
        try {
            for (Emission emission : client.emissions()) {
                try {
                    emitter.send(event(emission));
                } catch (IllegalArgumentException exception) {
                    client.rejected(emission, exception);
                }
            }
            emitter.complete();
        } catch (IOException exception) {
            // The client has left: the container tells the emitter, and the documentation says to do nothing here.
            client.left();
        } catch (RuntimeException exception) {
            emitter.completeWithError(exception);
        }
    }

    private static SseEmitter.SseEventBuilder event(Emission emission) {
        SseEmitter.SseEventBuilder event = SseEmitter.event();
        if (emission.comment() != null) {
            event.comment(emission.comment());
        }
        if (emission.id() != null) {
            event.id(emission.id());
        }
        if (emission.type() != null) {
            event.name(emission.type());
        }
        if (emission.retry() != null) {
            event.reconnectTime(emission.retry().asLong());
        }
        if (emission.data() != null) {
            event.data(emission.data());
        }
        return event;
    }
}
