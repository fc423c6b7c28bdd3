import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyEmitter;

/** How tutorials stream text with a ResponseBodyEmitter of Spring MVC: the content type, and a string for each event. */
@RestController
final class Recipe {
    private final ExecutorService executor = Executors.newCachedThreadPool();
    private final ServerProtocol application;

    Recipe(ServerProtocol application) {
        this.application = application;
    }

    @GetMapping("/{stream}")
    ResponseEntity<ResponseBodyEmitter> stream(
            @PathVariable("stream") String stream,
            @RequestHeader(name = "Last-Event-ID", required = false) String lastEventId) {
        EventClient client = application.request(stream, lastEventId);
        if (client.status != null) {
            return ResponseEntity.status(client.status).build();
        }
        ResponseBodyEmitter emitter = client.timeout == null ? new ResponseBodyEmitter() : new ResponseBodyEmitter(client.timeout);
        emitter.onError(error -> client.left());
        executor.execute(() -> {
            try {
                for (Emission event : client.emissions()) {
                    String message = "";
                    if (event.comment() != null) {
                        message += ": " + event.comment() + "\n";
                    }
                    if (event.id() != null) {
                        message += "id: " + event.id() + "\n";
                    }
                    if (event.type() != null) {
                        message += "event: " + event.type() + "\n";
                    }
                    if (event.retry() != null) {
                        message += "retry: " + event.retry().asText() + "\n";
                    }
                    if (event.data() != null) {
                        message += "data: " + event.data() + "\n";
                    }
                    emitter.send(message + "\n");
                }
                emitter.complete();
            } catch (IOException exception) {
                client.left();
            } catch (RuntimeException exception) {
                emitter.completeWithError(exception);
            }
        });
        return ResponseEntity.ok()
                .headers(headers -> client.headers.forEach(headers::set))
                .contentType(MediaType.TEXT_EVENT_STREAM)
                .body(emitter);
    }
}
