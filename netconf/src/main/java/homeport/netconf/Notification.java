package homeport.netconf;

import homeport.netconf.xml.XmlElement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;

/**
 * One {@code notification} as it came (RFC 5277 §4).
 *
 * @param eventTime empty when it is missing or is not a time of RFC 3339; the element still has what was sent
 * @param element the whole {@code notification}
 */
public record Notification(Optional<Instant> eventTime, XmlElement element) {
    public static Notification of(XmlElement element) {
        return new Notification(element.child("eventTime").flatMap(time -> instant(time.text().strip())), element);
    }

    /** The event itself: everything but {@code eventTime}; one element in a well-formed notification. */
    public List<XmlElement> content() {
        return element.children().stream().filter(child -> !child.is(Ns.NOTIFICATION, "eventTime")).toList();
    }

    private static Optional<Instant> instant(String text) {
        try {
            return Optional.of(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeParseException wrong) {
            return Optional.empty();
        }
    }
}
