package homeport.gateway.config;

import java.time.Duration;

/** Reads single values. What is wrong is an {@code IllegalArgumentException} that says what would be right. */
final class Values {
    private static final Duration MOST = Duration.ofDays(3650);

    private Values() {}

    static int whole(String text, int least, int most) {
        try {
            // Only plain digits: no signs, no other scripts.
            int value = text.matches("[0-9]{1,10}") ? Integer.parseInt(text) : -1;
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("a whole number from " + least + " to " + most + " is due");
        }
        throw new IllegalArgumentException("a whole number from " + least + " to " + most + " is due");
    }

    /** {@code 500ms}, {@code 30s}, {@code 5m}, {@code 2h}, {@code 7d}; more than nothing. */
    static Duration duration(String text) {
        if (text.matches("[0-9]{1,9}(ms|s|m|h|d)")) {
            int digits = 0;
            while (Character.isDigit(text.charAt(digits))) {
                digits++;
            }
            long number = Long.parseLong(text.substring(0, digits));
            var value = switch (text.substring(digits)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                default -> Duration.ofDays(number);
            };
            if (value.isPositive() && value.compareTo(MOST) <= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a time with its unit is due, such as 500ms, 30s, 5m, 2h or 7d");
    }

    static boolean truth(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("true or false is due");
        };
    }
}
