import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.http.server.reactive.ReactorHttpHandlerAdapter;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.DispatcherHandler;
import org.springframework.web.reactive.config.EnableWebFlux;
import org.springframework.web.server.adapter.WebHttpHandlerBuilder;
import reactor.core.publisher.Flux;
import reactor.core.publisher.SynchronousSink;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** Spring WebFlux on Reactor Netty: a controller that returns a {@code Flux<ServerSentEvent<String>>}. */
final class Adapter {
    public static void main(String[] arguments) throws Exception {
        ServerProtocol application = new ServerProtocol(
                "spring-webflux",
                DispatcherHandler.class.getPackage().getImplementationVersion(),
                Map.of(
                        "fields", List.of("data", "type", "id", "retry", "comment"),
                        "withoutData", true,
                        "lastEventId", true,
                        "disconnects", true,
                        "headers", true,
                        "status", true));
        AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();
        context.registerBean(Controller.class, () -> new Controller(application));
        context.register(Configured.class);
        context.refresh();
        HttpHandler handler = WebHttpHandlerBuilder.applicationContext(context).build();
        DisposableServer server = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                // As an application has it that compresses what it sends; only who offers a coding gets it.
                .compress(true)
                .handle(new ReactorHttpHandlerAdapter(handler))
                .bindNow();
        application.run("http://127.0.0.1:" + server.port());
    }

    @Configuration
    @EnableWebFlux
    static class Configured {}

    @RestController
    static final class Controller {
        // Where the application waits for its next event, which must not block the event loop.
        private final Scheduler threads = Schedulers.fromExecutor(Executors.newCachedThreadPool());
        private final ServerProtocol application;

        Controller(ServerProtocol application) {
            this.application = application;
        }

        @GetMapping(path = "/{stream}", produces = MediaType.TEXT_EVENT_STREAM_VALUE)
        ResponseEntity<Flux<ServerSentEvent<String>>> events(
                @PathVariable("stream") String stream,
                @RequestHeader(name = "Last-Event-ID", required = false) String lastEventId) {
            EventClient client = application.request(stream, lastEventId);
            if (client.status != null) {
                return ResponseEntity.status(client.status).build();
            }
            Flux<ServerSentEvent<String>> events = Flux.fromIterable(client.emissions())
                    .subscribeOn(threads)
                    .handle((Emission emission, SynchronousSink<ServerSentEvent<String>> sink) -> {
                        try {
                            sink.next(event(emission));
                        } catch (IllegalArgumentException exception) {
                            client.rejected(emission, exception);
                        }
                    })
                    .doOnCancel(client::left);
            return ResponseEntity.ok()
                    .headers(headers -> client.headers.forEach(headers::set))
                    .body(events);
        }

        private static ServerSentEvent<String> event(Emission emission) {
            ServerSentEvent.Builder<String> event = ServerSentEvent.builder();
            if (emission.comment() != null) {
                event.comment(emission.comment());
            }
            if (emission.id() != null) {
                event.id(emission.id());
            }
            if (emission.type() != null) {
                event.event(emission.type());
            }
            if (emission.retry() != null) {
                event.retry(Duration.ofMillis(emission.retry().asLong()));
            }
            if (emission.data() != null) {
                event.data(emission.data());
            }
            return event.build();
        }
    }
}
