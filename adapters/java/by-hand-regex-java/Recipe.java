import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The loop of many tutorials: read line by line, and match each line against a regular expression.
 *
 * <p>Some match {@code "content":"(.*?)"} and look at no field; JSON is a layer above the event stream, so this is the form
 * that matches the field.
 */
final class Recipe {
    private static final Pattern DATA = Pattern.compile("^data: ?(.*)$");

    static void readStream(InputStream body, Consumer<String> onData) throws IOException {
        BufferedReader reader = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
        String line;
        while ((line = reader.readLine()) != null) {
            Matcher matcher = DATA.matcher(line);
            if (matcher.matches()) {
                onData.accept(matcher.group(1));
            }
        }
    }
}
