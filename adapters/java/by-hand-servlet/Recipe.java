import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.PrintWriter;

/** How tutorials serve events with a servlet: a content type, a PrintWriter, a line for each field, a flush. */
final class Recipe extends HttpServlet {
    private static final long serialVersionUID = 1;

    private final transient ServerProtocol application;

    Recipe(ServerProtocol application) {
        this.application = application;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        EventClient client =
                application.request(request.getRequestURI().substring(1), request.getHeader("Last-Event-ID"));
        if (client.status != null) {
            response.setStatus(client.status);
            return;
        }
        client.headers.forEach(response::setHeader);

        response.setContentType("text/event-stream");
        response.setCharacterEncoding("UTF-8");
        response.setHeader("Cache-Control", "no-cache");

        PrintWriter writer = response.getWriter();
        for (Emission event : client.emissions()) {
            if (event.comment() != null) {
                writer.write(": " + event.comment() + "\n");
            }
            if (event.id() != null) {
                writer.write("id: " + event.id() + "\n");
            }
            if (event.type() != null) {
                writer.write("event: " + event.type() + "\n");
            }
            if (event.retry() != null) {
                writer.write("retry: " + event.retry().asText() + "\n");
            }
            if (event.data() != null) {
                writer.write("data: " + event.data() + "\n");
            }
            writer.write("\n");
            writer.flush();
            if (writer.checkError()) {
                client.left();
                return;
            }
        }
        writer.close();
    }
}
