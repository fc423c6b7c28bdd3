import org.springframework.context.annotation.Configuration;
import org.springframework.web.context.support.AnnotationConfigWebApplicationContext;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.config.annotation.EnableWebMvc;

/** Spring MVC as its documentation configures it. */
final class SpringMvc {
    private SpringMvc() {}

    /** A servlet for one controller. */
    static DispatcherServlet of(Object controller) {
        AnnotationConfigWebApplicationContext context = new AnnotationConfigWebApplicationContext();
        context.register(Configured.class);
        context.addBeanFactoryPostProcessor(beans -> beans.registerSingleton("controller", controller));
        return new DispatcherServlet(context);
    }

    @Configuration
    @EnableWebMvc
    static class Configured {}
}
