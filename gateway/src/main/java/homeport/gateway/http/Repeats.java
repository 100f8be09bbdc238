package homeport.gateway.http;

import homeport.gateway.inventory.InventoryError;
import homeport.gateway.inventory.KeptAnswers;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What requests with an {@code Idempotency-Key} were answered, so that whoever did not hear the answer may ask again, of
 * another run of the gateway too. Every call may block. Safe for all threads.
 */
final class Repeats {
    private static final Logger LOG = LoggerFactory.getLogger(Repeats.class);

    private final KeptAnswers kept;
    private final HttpLimits limits;
    private final InstantSource clock;
    /** Those that this run has begun and not answered, with what they say. */
    private final Map<Key, String> underWay = new ConcurrentHashMap<>();

    /** Keys are each operator's own. */
    record Key(String operator, String text) {}

    Repeats(KeptAnswers kept, HttpLimits limits, InstantSource clock) {
        this.kept = kept;
        this.limits = limits;
        this.clock = clock;
    }

    /**
     * Begins a request, or answers it as before.
     *
     * @param request a hash of all that it says
     * @return empty when it is the first, which {@link #done} or {@link #failed} must end
     * @throws Problem when the key was used for another request, or the first has no answer yet
     */
    Optional<Reply> begin(Key key, String request) {
        var running = underWay.putIfAbsent(key, request);
        if (running != null) {
            throw running.equals(request)
                    ? new Problem(Problem.Type.CONFLICT, "the first request with this Idempotency-Key is under way")
                    : usedForAnother();
        }
        boolean begun = false;
        try {
            var before = kept.begin(key.operator(), key.text(), request, clock.instant().minus(limits.repeatTime()),
                    limits.repeats());
            begun = before.isEmpty();
            return before.map(first -> answer(first, request));
        } finally {
            if (!begun) {
                underWay.remove(key);
            }
        }
    }

    private static Problem usedForAnother() {
        return new Problem(Problem.Type.CONFLICT, "this Idempotency-Key was used for another request,"
                + " or with another token or other rights: look at what is there now, and ask again with another key");
    }

    private static Reply answer(KeptAnswers.Kept first, String request) {
        if (!first.request().equals(request)) {
            throw usedForAnother();
        }
        if (!first.done()) {
            throw new Problem(Problem.Type.CONFLICT,
                    "the gateway ended while it did this: it may be done or not, so look"
                            + " at what is there now, and ask again with another key");
        }
        return decoded(first.answer().orElseThrow(() -> new Problem(Problem.Type.CONFLICT,
                "this was done before; its answer was too large to be kept, so look at what is there now")));
    }

    /** It was done, and is answered whether that can be kept or not. */
    void done(Key key, Reply reply) {
        try {
            kept.done(key.operator(), key.text(),
                    reply.body().length() <= limits.repeatBytes() ? Optional.of(encoded(reply)) : Optional.empty());
        } catch (InventoryError e) {
            // Whoever repeats it is told that it may be done or not, which is true for them.
            LOG.warn("an answer for an Idempotency-Key was not kept: {}", e.getMessage());
        } finally {
            underWay.remove(key);
        }
    }

    /** It was not done: the next with this key is the first again. */
    void failed(Key key) {
        try {
            kept.forget(key.operator(), key.text());
        } catch (InventoryError e) {
            LOG.warn("an Idempotency-Key of what was not done stays used: {}", e.getMessage());
        } finally {
            underWay.remove(key);
        }
    }

    // ---- A line of JSON, and the body behind it

    private static byte[] encoded(Reply reply) {
        var head = new JsonObject().put("status", reply.status()).put("type", reply.mediaType()).put("headers",
                new JsonObject(new HashMap<>(reply.headers())));
        return head.toBuffer().appendByte((byte) '\n').appendBuffer(reply.body()).getBytes();
    }

    private static Reply decoded(byte[] bytes) {
        int end = 0;
        while (bytes[end] != '\n') {
            end++;
        }
        var all = Buffer.buffer(bytes);
        var head = all.slice(0, end).toJsonObject();
        var headers = new HashMap<String, String>();
        head.getJsonObject("headers").forEach(header -> headers.put(header.getKey(), (String) header.getValue()));
        return new Reply(head.getInteger("status"), head.getString("type"), headers, all.slice(end + 1, bytes.length));
    }
}
