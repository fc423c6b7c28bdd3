import java.util.List;
import java.util.Map;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyEmitter;

/** The recipe behind the adapter protocol. */
final class Adapter {
    public static void main(String[] arguments) throws Exception {
        ServerProtocol application = new ServerProtocol(
                "ResponseBodyEmitter, by hand",
                ResponseBodyEmitter.class.getPackage().getImplementationVersion(),
                Map.of(
                        "fields", List.of("data", "type", "id", "retry", "comment"),
                        "retryText", true,
                        "withoutData", true,
                        "lastEventId", true,
                        "timeout", true,
                        "disconnects", true,
                        "headers", true,
                        "status", true));
        application.run(EmbeddedTomcat.start(SpringMvc.of(new Recipe(application))));
    }
}
