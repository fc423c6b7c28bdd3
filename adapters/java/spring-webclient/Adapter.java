import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.Disposable;

/** WebClient over Reactor Netty, with a {@code Flux<ServerSentEvent<String>>} for the body, as its documentation shows it. */
final class Adapter {
    private static final WebClient CLIENT = WebClient.create();
    private static final ParameterizedTypeReference<ServerSentEvent<String>> EVENT = new ParameterizedTypeReference<>() {};

    public static void main(String[] arguments) throws IOException {
        ClientProtocol.serve(
                "spring-webflux",
                WebClient.class.getPackage().getImplementationVersion(),
                Map.of("eventType", "raw", "lastEventId", "block", "comments", true, "headers", true, "post", true),
                Adapter::connect);
    }

    private static void connect(ClientProtocol.Params params, ClientProtocol.Connection connection) {
        WebClient.RequestBodySpec request = CLIENT.method(HttpMethod.valueOf(params.method() == null ? "GET" : params.method()))
                .uri(params.url())
                .accept(MediaType.TEXT_EVENT_STREAM);
        if (params.headers() != null) {
            params.headers().forEach(request::header);
        }
        if (params.body() != null) {
            request.bodyValue(params.body().getBytes(StandardCharsets.UTF_8));
        }
        Disposable subscription = request.retrieve()
                .bodyToFlux(EVENT)
                .doFinally(signal -> connection.over())
                .subscribe(event -> onEvent(event, connection), connection::fatal, connection::end);
        connection.closeBy(subscription::dispose);
    }

    private static void onEvent(ServerSentEvent<String> event, ClientProtocol.Connection connection) {
        if (event.comment() != null) {
            connection.comment(event.comment());
        }
        connection.event(event.event(), event.data(), event.id());
    }
}
