import jakarta.inject.Singleton;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import jakarta.ws.rs.sse.SseEventSink;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.glassfish.grizzly.http.server.HttpServer;
import org.glassfish.jersey.grizzly2.httpserver.GrizzlyHttpServerFactory;
import org.glassfish.jersey.media.sse.EventOutput;
import org.glassfish.jersey.message.DeflateEncoder;
import org.glassfish.jersey.message.GZipEncoder;
import org.glassfish.jersey.server.ResourceConfig;
import org.glassfish.jersey.server.filter.EncodingFilter;

/** The SseEventSink of Jakarta REST in Jersey, on Grizzly, as its documentation shows it. */
final class Adapter {
    private static final String HEADERS = "headers";

    public static void main(String[] arguments) throws Exception {
        ServerProtocol application = new ServerProtocol(
                "jersey-media-sse",
                ClientProtocol.bundleVersion(EventOutput.class),
                Map.of(
                        "fields", List.of("data", "type", "id", "retry", "comment"),
                        "lastEventId", true,
                        "disconnects", true,
                        "headers", true,
                        "status", true));
        ResourceConfig config =
                new ResourceConfig().register(new Resource(application)).register(new HeaderFilter());
        // As an application has it that compresses what it sends; only who offers a coding gets it.
        EncodingFilter.enableFor(config, GZipEncoder.class, DeflateEncoder.class);
        HttpServer server = GrizzlyHttpServerFactory.createHttpServer(URI.create("http://127.0.0.1:0/"), config);
        application.run("http://127.0.0.1:" + server.getListener("grizzly").getPort());
    }

    /** Headers of an answer that a resource method does not return are set by a filter. */
    static final class HeaderFilter implements ContainerResponseFilter {
        @Override
        public void filter(ContainerRequestContext request, ContainerResponseContext response) {
            if (request.getProperty(HEADERS) instanceof Map<?, ?> headers) {
                headers.forEach((name, value) -> response.getHeaders().putSingle((String) name, value));
            }
        }
    }

    @Singleton
    @Path("/")
    public static final class Resource {
        private final ExecutorService threads = Executors.newCachedThreadPool();
        private final ServerProtocol application;

        Resource(ServerProtocol application) {
            this.application = application;
        }

        @GET
        @Path("{stream}")
        @Produces(MediaType.SERVER_SENT_EVENTS)
        public void events(
                @PathParam("stream") String stream,
                @HeaderParam("Last-Event-ID") String lastEventId,
                @Context ContainerRequestContext request,
                @Context SseEventSink sink,
                @Context Sse sse) {
            EventClient client = application.request(stream, lastEventId);
            if (client.status != null) {
                throw new WebApplicationException(client.status);
            }
            request.setProperty(HEADERS, client.headers);
            threads.execute(() -> emit(client, sink, sse));
        }
    }

    private static void emit(EventClient client, SseEventSink sink, Sse sse) {
        try (sink) {
            for (Emission emission : client.emissions()) {
                OutboundSseEvent event;
                try {
                    event = event(emission, sse);
                } catch (RuntimeException exception) {
                    client.rejected(emission, exception);
                    continue;
                }
                sink.send(event).exceptionally(failure -> {
                    client.left();
                    return null;
                });
            }
        } catch (IOException exception) {
            // The end of the stream could not be sent.
            client.left();
        }
    }

    private static OutboundSseEvent event(Emission emission, Sse sse) {
        OutboundSseEvent.Builder event = sse.newEventBuilder();
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
            event.reconnectDelay(emission.retry().asLong());
        }
        if (emission.data() != null) {
            event.data(String.class, emission.data());
        }
        return event.build();
    }
}
