package homeport.netconf.xml;

/** XML that was not read: what kind of fault it has. Without stack trace, since peers cause these at will. */
public final class XmlError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Kinds of fault. */
    public enum Kind {
        MALFORMED,
        ENCODING,
        DTD,
        TOO_DEEP,
        TOO_MANY,
        MARKUP_TOO_LONG
    }

    private final Kind kind;

    public XmlError(Kind kind, String message) {
        super(message, null, false, false);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
