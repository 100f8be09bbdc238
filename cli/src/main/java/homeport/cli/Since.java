package homeport.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;

/** A time in the past, as people say it. */
final class Since {
    private Since() {}

    /** {@code 90m}, {@code 24h}, {@code 7d} before now; a day where we are; or an instant. */
    static Instant parse(String text, Instant now) {
        try {
            if (text.matches("[0-9]{1,6}[smhd]")) {
                long number = Long.parseLong(text.substring(0, text.length() - 1));
                var ago = switch (text.charAt(text.length() - 1)) {
                    case 's' -> Duration.ofSeconds(number);
                    case 'm' -> Duration.ofMinutes(number);
                    case 'h' -> Duration.ofHours(number);
                    default -> Duration.ofDays(number);
                };
                // Nothing is older, and a year before Christ is no time that the API reads.
                return ago.compareTo(Duration.between(Instant.EPOCH, now)) < 0 ? now.minus(ago) : Instant.EPOCH;
            }
            if (text.matches("[0-9]{4}-[0-9]{2}-[0-9]{2}")) {
                return LocalDate.parse(text).atStartOfDay(ZoneId.systemDefault()).toInstant();
            }
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw new Failure(ExitStatus.WRONG_USAGE,
                    "--since is a time such as 2026-01-31T12:00:00Z, a day, or 90m, 24h or 7d, not " + text);
        }
    }
}
