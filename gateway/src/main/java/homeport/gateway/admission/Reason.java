package homeport.gateway.admission;

import java.util.Locale;

/** Why a device is held or refused: one constant for each row of the journal's table of remedies. */
public enum Reason {
    // Held
    UNKNOWN_DEVICE("nobody knows this device"),
    /** A record is there, and nothing in it could prove who this is. */
    ONLY_CLAIMED("the device is expected, and nothing on record proves that this is it"),
    STILL_PENDING("the device waits for an operator"),
    CERTIFICATE_NOT_LISTED("the authority is trusted, and the device is not on its list"),
    NEW_KEY_PROVED("the secret is right, and the key is another than the one on record"),
    NO_SECRET("the device shows a key id, and no secret is on record for it"),
    NEW_MEMBER("a new member of its group"),
    KEY_OF_ANOTHER_ID("the key belongs to another device on record"),

    // Refused
    DEVICE_REFUSED("an operator has refused this device"),
    UNKNOWN_REFUSED("unknown devices are refused here"),
    OTHER_KEY("the key is not the one on record"),
    CERTIFICATE_EXPECTED("the device is known by its certificate, and came without one that is trusted"),
    OTHER_AUTHORITY("another authority than the one on record vouches for the device"),
    KEY_ON_SEVERAL_DEVICES("several devices have this key, so it says of none that it is the one"),
    HMAC_MISSING("a secret is on record, and the message has no HMAC of the kind that is required"),
    HMAC_WRONG("the HMAC does not fit the secret on record"),
    HMAC_REPLAYED("the HMAC was made for another key than the one that is used"),
    SECRET_TOO_SHORT("the secret on record is too short for this kind of proof"),
    GROUP_ID("this is a group's id, and nobody is a group"),
    BAD_ID("what the device calls itself cannot be an id"),
    CLAIM_CONTRADICTS("the device calls itself otherwise than its certificate does"),
    CERTIFICATE_NOT_YET_VALID("the certificate is not valid yet"),
    CERTIFICATE_EXPIRED("the certificate has expired"),
    CERTIFICATE_REVOKED("the certificate is revoked"),
    CERTIFICATE_WRONG_USAGE("the certificate is not for SSH, or not for this end of it"),
    CERTIFICATE_BAD("the certificate does not hold"),
    CERTIFICATE_WRONG_NAME("the certificate is not for this device"),
    CERTIFICATE_WRONG_ADDRESS("the certificate is not for this address"),
    CERTIFICATE_WITHOUT_ID("the certificate names no device where its authority's devices are named"),
    CERTIFICATE_SEVERAL_IDS("the certificate names several devices"),
    /** Not the end: the device is to go on with its token. */
    TOKEN_EXPECTED("a claim token is due for this device"),
    /** Said of a connection only where no key was refused on it before: that is what was wrong then. */
    NO_TOKEN("a password came, and no claim token was made for this device"),
    TOKEN_WRONG("the claim token is not the one for this device"),
    TOKEN_USED("the claim token was used already"),
    TOKEN_EXPIRED("the claim token has expired"),
    TOKEN_WITHOUT_KEY("a claim token came without a key that it could make the device's own"),
    LEGACY_ALGORITHMS("the device has nothing better than SHA-1 or CBC, and its record does not allow that"),
    TOO_MANY_PENDING("too many unknown devices wait already");

    private final String sentence;

    Reason(String sentence) {
        this.sentence = sentence;
    }

    /** Lower case, words joined by hyphens. */
    public String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** In words, without a full stop. */
    public String sentence() {
        return sentence;
    }
}
