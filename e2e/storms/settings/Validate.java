package storms;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.annotation.Annotation;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.apache.storm.Config;
import org.apache.storm.utils.Utils;
import org.apache.storm.validation.ConfigValidation;

/**
 * Asks a Storm which settings of a topology it declares, and which values it accepts.
 *
 * <p>Each line of the input is a key, a tab, and values as options of Storm's client. Each
 * line of the output is a key, and what Storm says of each of its values, in their order.
 */
public class Validate {
    public static void main(String[] args) throws Exception {
        for (Field field : Config.class.getFields()) {
            int is = field.getModifiers();
            if (field.getType() != String.class || !Modifier.isStatic(is)) {
                continue;
            }
            System.out.println("constant\t" + field.get(null));
            if (Modifier.isFinal(is) && validated(field)) {
                System.out.println("declared\t" + field.get(null));
            }
        }
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] parts = line.split("\t", 2);
            System.setProperty("storm.options", parts[1]);
            Map<String, Object> values = new TreeMap<>(Utils.readCommandLineOpts());
            List<String> said = new ArrayList<>();
            for (Map.Entry<String, Object> value : values.entrySet()) {
                said.add(value.getKey() + "=" + (accepts(parts[0], value.getValue()) ? "yes" : "no"));
            }
            System.out.println("values\t" + parts[0] + "\t" + String.join(" ", said));
        }
    }

    /** Whether a field has an annotation by which Storm validates it. */
    private static boolean validated(Field field) {
        for (Annotation annotation : field.getAnnotations()) {
            if (annotation.annotationType().getName().startsWith("org.apache.storm.validation.")) {
                return true;
            }
        }
        return false;
    }

    private static boolean accepts(String key, Object value) {
        Map<String, Object> conf = new TreeMap<>();
        if (key.equals("topology.upstream.feedback.enable")) {
            conf.put("topology.stats.ewma.enable", true); // Storm wants both
        }
        conf.put(key, value);
        try {
            ConfigValidation.validateTopoConf(conf);
            return true;
        } catch (RuntimeException refused) {
            return false;
        }
    }
}
