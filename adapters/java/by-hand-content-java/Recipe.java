import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The loop of many tutorials on streamed chat answers: read line by line, and take what stands between the quotes after
 * {@code "content":}. It looks at no field and assembles no event.
 */
final class Recipe {
    private static final Pattern CONTENT = Pattern.compile("\"content\":\"(.*?)\"");

    static void readStream(InputStream body, Consumer<String> onContent) throws IOException {
        BufferedReader reader = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
        String line;
        while ((line = reader.readLine()) != null) {
            Matcher matcher = CONTENT.matcher(line);
            while (matcher.find()) {
                onContent.accept(matcher.group(1));
            }
        }
    }
}
