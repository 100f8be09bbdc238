package homeport.gateway.admission;

import homeport.gateway.inventory.Change;
import java.util.List;

/** What {@link Judge} says. Its changes are written, all or none, before the device hears of it. */
public sealed interface Verdict {
    /** What is to be kept because of it. */
    List<Change> changes();

    /** What proved who the device is. */
    enum Grounds {
        PINNED_KEY,
        SECRET,
        /** By HMAC-SHA1, which is worth a warning. */
        SECRET_SHA1,
        CERTIFICATE,
        TOKEN
    }

    /** It is this device, and it may in. */
    record Admit(String deviceId, Grounds grounds, List<Change> changes) implements Verdict {
        public Admit {
            changes = List.copyOf(changes);
        }
    }

    /**
     * It may in if it proves to have this secret, which the engine checks.
     *
     * @param secret a copy; whoever takes it overwrites it
     */
    record AdmitWithSecret(String deviceId, byte[] secret) implements Verdict {
        @Override
        public List<Change> changes() {
            return List.of();
        }

        @Override
        public String toString() {
            return "AdmitWithSecret[" + deviceId + "]";
        }
    }

    /** An operator has to say. @param name under which it is listed */
    record Hold(String name, Reason reason, List<Change> changes) implements Verdict {
        public Hold {
            changes = List.copyOf(changes);
        }
    }

    /** It may not. @param detail what was met; may be empty */
    record Refuse(String name, Reason reason, String detail, List<Change> changes) implements Verdict {
        public Refuse {
            changes = List.copyOf(changes);
        }
    }
}
