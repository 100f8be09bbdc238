package homeport.gateway.http;

import homeport.gateway.desk.DeskError;
import homeport.gateway.inventory.InventoryError;
import io.vertx.core.json.JsonObject;
import java.util.Map;

/** What went wrong, as a client is told it: problem details (RFC 9457). */
final class Problem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The types of the contract's table. */
    enum Type {
        INVALID("invalid", 400, "Invalid request"),
        NO_TOKEN("no-token", 401, "No good token"),
        NOT_ALLOWED("not-allowed", 403, "Not allowed"),
        NOT_FOUND("not-found", 404, "Not found"),
        NO_SUCH_METHOD("no-such-method", 405, "No such method"),
        CONFLICT("conflict", 409, "Conflict"),
        OFFLINE("offline", 409, "Device offline"),
        PRECONDITION_FAILED("precondition-failed", 412, "Changed meanwhile"),
        TOO_LARGE("too-large", 413, "Body too large"),
        MEDIA_TYPE("media-type", 415, "Media type not supported"),
        RATE_LIMITED("rate-limited", 429, "Too many requests"),
        INTERNAL("internal", 500, "Fault of the gateway"),
        DEVICE_FAILED("device-failed", 502, "Device failed"),
        UNREADY("unready", 503, "Inventory not ready"),
        TIMEOUT("timeout", 504, "Device did not answer");

        private final String name;
        private final int status;
        private final String title;

        Type(String name, int status, String title) {
            this.name = name;
            this.status = status;
            this.title = title;
        }
    }

    private final Type type;
    private final transient Map<String, String> headers;

    Problem(Type type, String detail) {
        this(type, detail, Map.of());
    }

    Problem(Type type, String detail, Map<String, String> headers) {
        // Clients' mistakes are no faults of ours: no stack trace, which would cost more than the request.
        super(detail, null, false, false);
        this.type = type;
        this.headers = Map.copyOf(headers);
    }

    static Problem invalid(String detail) {
        return new Problem(Type.INVALID, detail);
    }

    static Problem of(DeskError error) {
        var type = switch (error.kind()) {
            case NOT_FOUND -> Type.NOT_FOUND;
            case NOT_ALLOWED -> Type.NOT_ALLOWED;
            case CONFLICT -> Type.CONFLICT;
            case INVALID -> Type.INVALID;
            case PRECONDITION_FAILED -> Type.PRECONDITION_FAILED;
            case OFFLINE -> Type.OFFLINE;
            case TIMEOUT -> Type.TIMEOUT;
            case DEVICE_FAILED -> Type.DEVICE_FAILED;
        };
        return new Problem(type, String.valueOf(error.getMessage()));
    }

    static Problem of(InventoryError error) {
        return new Problem(Type.UNREADY, String.valueOf(error.getMessage()), Map.of("Retry-After", "5"));
    }

    /** Of what nobody foresaw; the log has it all. */
    static Problem internal() {
        return new Problem(Type.INTERNAL, "the gateway failed at this; its log says how");
    }

    Reply reply() {
        var body = new JsonObject().put("type", "/problems/" + type.name).put("title", type.title)
                .put("status", type.status).put("detail", getMessage());
        return Reply.of(type.status, "application/problem+json", body.toBuffer()).with(headers);
    }
}
