package homeport.ssh.key;

/** OpenSSH's patterns (ssh_config(5) PATTERNS): {@code *} any characters, {@code ?} one, {@code !} before a negation. */
final class Patterns {
    enum Match {
        NONE,
        POSITIVE,
        /** A negated pattern of the list matches: the list does not, whatever else is in it. */
        NEGATED
    }

    private Patterns() {}

    /** Whether the whole of {@code text} matches; in time bounded by the product of the lengths. */
    static boolean matches(String pattern, String text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int retry = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                retry = t;
            } else if (p < pattern.length() && (pattern.charAt(p) == '?' || pattern.charAt(p) == text.charAt(t))) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++retry;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }

    /** Of a list of patterns between commas. */
    static Match matchList(String patterns, String text) {
        boolean positive = false;
        for (String pattern : patterns.split(",", -1)) {
            boolean negated = pattern.startsWith("!");
            if (matches(negated ? pattern.substring(1) : pattern, text)) {
                if (negated) {
                    return Match.NEGATED;
                }
                positive = true;
            }
        }
        return positive ? Match.POSITIVE : Match.NONE;
    }
}
