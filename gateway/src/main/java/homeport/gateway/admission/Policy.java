package homeport.gateway.admission;

/**
 * What holds for all devices.
 *
 * @param holdUnknown whether strangers are held for an operator, or refused
 * @param authorities whose certificates are believed
 */
public record Policy(boolean holdUnknown, Authorities authorities) {
    public static final Policy DEFAULT = new Policy(true, Authorities.NONE);
}
