package homeport.ssh.wire;

/** Message numbers (RFC 4250 §4.1.2), and what their ranges mean to the transport. */
public final class MessageNumber {
    public static final int DISCONNECT = 1;
    public static final int IGNORE = 2;
    public static final int UNIMPLEMENTED = 3;
    public static final int DEBUG = 4;
    public static final int SERVICE_REQUEST = 5;
    public static final int SERVICE_ACCEPT = 6;
    /** RFC 8308. */
    public static final int EXT_INFO = 7;
    /** RFC 8308 §2.3, not offered here. */
    public static final int NEWCOMPRESS = 8;

    public static final int KEXINIT = 20;
    public static final int NEWKEYS = 21;
    /** The client's value in every method but the group exchange; there it is an old request, not supported. */
    public static final int KEX_INIT = 30;
    /** The server's value; in the group exchange the group. */
    public static final int KEX_REPLY = 31;
    /** RFC 4419. */
    public static final int KEX_GEX_GROUP = 31;
    public static final int KEX_GEX_INIT = 32;
    public static final int KEX_GEX_REPLY = 33;
    public static final int KEX_GEX_REQUEST = 34;

    public static final int USERAUTH_REQUEST = 50;
    public static final int USERAUTH_FAILURE = 51;
    public static final int USERAUTH_SUCCESS = 52;
    public static final int USERAUTH_BANNER = 53;
    /** The meaning of 60 to 79 depends on the method that runs. */
    public static final int USERAUTH_PK_OK = 60;
    public static final int USERAUTH_PASSWD_CHANGEREQ = 60;
    /** RFC 4256. */
    public static final int USERAUTH_INFO_REQUEST = 60;
    public static final int USERAUTH_INFO_RESPONSE = 61;

    public static final int GLOBAL_REQUEST = 80;
    public static final int REQUEST_SUCCESS = 81;
    public static final int REQUEST_FAILURE = 82;
    public static final int CHANNEL_OPEN = 90;
    public static final int CHANNEL_OPEN_CONFIRMATION = 91;
    public static final int CHANNEL_OPEN_FAILURE = 92;
    public static final int CHANNEL_WINDOW_ADJUST = 93;
    public static final int CHANNEL_DATA = 94;
    public static final int CHANNEL_EXTENDED_DATA = 95;
    public static final int CHANNEL_EOF = 96;
    public static final int CHANNEL_CLOSE = 97;
    public static final int CHANNEL_REQUEST = 98;
    public static final int CHANNEL_SUCCESS = 99;
    public static final int CHANNEL_FAILURE = 100;

    /** OpenSSH's transport-level ping, announced as {@code ping@openssh.com}. */
    public static final int PING = 192;
    public static final int PONG = 193;

    private MessageNumber() {}

    /** Whether a message may be sent between our KEXINIT and our NEWKEYS (RFC 4253 §7.1). */
    public static boolean allowedDuringKeyExchange(int number) {
        return number < USERAUTH_REQUEST && number != SERVICE_REQUEST && number != SERVICE_ACCEPT && number != EXT_INFO;
    }

    /** Whether a message belongs to a key exchange method (30 to 49). */
    public static boolean keyExchangeMethod(int number) {
        return number >= 30 && number <= 49;
    }

    /** Whether a message belongs to the connection protocol (80 to 127). */
    public static boolean connection(int number) {
        return number >= 80 && number <= 127;
    }
}
