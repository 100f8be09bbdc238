package homeport.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/**
 * SIGHUP. The JDK has no other door to signals than {@code sun.misc.Signal}, which {@code jdk.unsupported} keeps open; by
 * reflection, because javac warns of it in a way that cannot be answered.
 */
final class HangUp implements AutoCloseable {
    private final Object before;

    private HangUp(Object before) {
        this.before = before;
    }

    /** Runs {@code action}, on a thread of the JVM's for signals, at each one until it is closed. */
    static HangUp handle(Runnable action) {
        InvocationHandler handler = (proxy, method, arguments) -> switch (method.getName()) {
            case "handle" -> {
                action.run();
                yield null;
            }
            case "hashCode" -> System.identityHashCode(proxy);
            case "equals" -> proxy == arguments[0];
            default -> "SIGHUP's handler";
        };
        try {
            var type = Class.forName("sun.misc.SignalHandler");
            return new HangUp(register(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[]{type}, handler)));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this Java has no sun.misc.Signal", e);
        }
    }

    private static Object register(Object handler) throws ReflectiveOperationException {
        var signal = Class.forName("sun.misc.Signal");
        var type = Class.forName("sun.misc.SignalHandler");
        return signal.getMethod("handle", signal, type).invoke(null, signal.getConstructor(String.class)
                .newInstance("HUP"), handler);
    }

    @Override
    public void close() {
        try {
            register(before);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("this Java has no sun.misc.Signal", e);
        }
    }
}
