package homeport.netconf;

import java.util.List;

/** An operation that ended in errors: at least one, in the order they were reported. */
public final class RpcErrorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<RpcError> errors;

    public RpcErrorException(List<RpcError> errors) {
        super(errors.isEmpty() ? "no error was given" : errors.getFirst().sentence());
        if (errors.isEmpty()) {
            throw new IllegalArgumentException("an rpc-error exception needs an error");
        }
        this.errors = List.copyOf(errors);
    }

    public RpcErrorException(RpcError error) {
        this(List.of(error));
    }

    public RpcErrorException(RpcError.Type type, RpcError.Tag tag, String message) {
        this(RpcError.of(type, tag, message));
    }

    public List<RpcError> errors() {
        return errors;
    }
}
