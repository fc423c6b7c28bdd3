import java.util.List;
import java.util.Map;
import org.apache.catalina.util.ServerInfo;

/** The recipe behind the adapter protocol. */
final class Adapter {
    public static void main(String[] arguments) throws Exception {
        ServerProtocol application = new ServerProtocol(
                "servlet, by hand",
                ServerInfo.getServerInfo(),
                Map.of(
                        "fields", List.of("data", "type", "id", "retry", "comment"),
                        "retryText", true,
                        "withoutData", true,
                        "lastEventId", true,
                        "disconnects", true,
                        "headers", true,
                        "status", true));
        application.run(EmbeddedTomcat.start(new Recipe(application)));
    }
}
