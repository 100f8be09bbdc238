package homeport.ssh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.ssh.wire.KexInit;
import homeport.ssh.wire.MessageNumber;
import homeport.ssh.wire.Rule;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every message number in every state: taken, refused by the rule of that state, or said to be unknown. */
class WrongStateTest {

    /** What a message is in a state. */
    private enum Fate {
        /** It belongs here; that these bear no fields may still break a rule, but never one about state. */
        TAKEN,
        /** Nobody knows it: UNIMPLEMENTED, and on. */
        UNKNOWN,
        /** It has no place here: the connection ends. */
        REFUSED
    }

    private static final Set<Rule> ABOUT_STATE = EnumSet.of(Rule.KEX_STATE, Rule.STRICT_KEX, Rule.AUTH_STATE,
            Rule.CONNECTION_STATE, Rule.REPLY_UNEXPECTED, Rule.EXT_INFO);

    enum State {
        /** The version lines are exchanged. */
        SERVER_GREETED(Role.SERVER, Rule.KEX_STATE, () -> EvilPeer.client().scripted(), 1, 2, 3, 4, 20),
        CLIENT_GREETED(Role.CLIENT, Rule.KEX_STATE, () -> EvilPeer.server().scripted(), 1, 2, 3, 4, 20),
        /** Both KEXINITs are there, with and without strict key exchange. */
        SERVER_EXCHANGES(Role.SERVER, Rule.KEX_STATE, () -> EvilPeer.client().scripted().sendInit(LAX), 1, 2, 3, 4,
                30),
        CLIENT_EXCHANGES(Role.CLIENT, Rule.KEX_STATE, () -> EvilPeer.server().scripted().sendInit(LAX), 1, 2, 3, 4,
                31),
        SERVER_EXCHANGES_STRICTLY(Role.SERVER, Rule.STRICT_KEX,
                () -> EvilPeer.client().scripted().sendInit(strict(KexInit.STRICT_C)), 1, 30),
        CLIENT_EXCHANGES_STRICTLY(Role.CLIENT, Rule.STRICT_KEX,
                () -> EvilPeer.server().scripted().sendInit(strict(KexInit.STRICT_S)), 1, 31),
        /** The keys are there. */
        SERVER_KEYED(Role.SERVER, null, () -> EvilPeer.client().keyed(), 1, 2, 3, 4, 5, 7, 20, 192, 193),
        CLIENT_KEYED(Role.CLIENT, null, () -> EvilPeer.server().keyed(), 1, 2, 3, 4, 6, 7, 20, 192, 193),
        /** The service is accepted; as the client a key was tried. */
        SERVER_LOGIN(Role.SERVER, null,
                () -> EvilPeer.client().keyed().send(MessageNumber.SERVICE_REQUEST, out -> out.string("ssh-userauth")),
                1, 2, 3, 4, 5, 7, 20, 50, 192, 193),
        CLIENT_LOGIN(Role.CLIENT, null,
                () -> EvilPeer.server().keyed().send(MessageNumber.SERVICE_ACCEPT, out -> out.string("ssh-userauth")),
                1, 2, 3, 4, 7, 20, 51, 52, 53, 192, 193),
        /**
         * Somebody is logged in. As the server further requests to log in are ignored (RFC 4252 §5.1), and so is
         * extension information.
         */
        SERVER_OPEN(Role.SERVER, null, () -> EvilPeer.client().loggedIn(), 1, 2, 3, 4, 7, 20, 50, 80, 90, 91, 92, 93,
                94,
                95, 96, 97, 98, 99, 100, 192, 193),
        CLIENT_OPEN(Role.CLIENT, null, () -> EvilPeer.server().loggedIn(), 1, 2, 3, 4, 7, 20, 80, 90, 91, 92, 93, 94,
                95,
                96, 97, 98, 99, 100, 192, 193),
        /** The victim has begun to exchange keys anew, we have not: all that was good before still is. */
        SERVER_OFFERS_KEYS(Role.SERVER, null, () -> rekeying(EvilPeer.client().loggedIn()), 1, 2, 3, 4, 7, 20, 50, 80,
                90,
                91, 92, 93, 94, 95, 96, 97, 98, 99, 100, 192, 193),
        /** Both have: only the exchange goes on, and what AsyncSSH sends of channels all the same. */
        SERVER_REKEYS(Role.SERVER, Rule.KEX_STATE,
                () -> rekeying(EvilPeer.client().loggedIn()).sendInit(LAX), 1, 2, 3, 4, 30, 80, 90, 91, 92, 93, 94, 95,
                96, 97, 98, 99, 100),
        CLIENT_REKEYS(Role.CLIENT, Rule.KEX_STATE,
                () -> rekeying(EvilPeer.server().loggedIn()).sendInit(LAX), 1, 2, 3, 4, 31, 80, 90, 91, 92, 93, 94, 95,
                96, 97, 98, 99, 100);

        final Role victim;
        /** The one rule for all that is refused here; null where it depends on the message. */
        @org.jspecify.annotations.Nullable
        final Rule rule;
        final Supplier<EvilPeer> reach;
        final Set<Integer> taken;

        State(Role victim, @org.jspecify.annotations.Nullable Rule rule, Supplier<EvilPeer> reach, Integer... taken) {
            this.victim = victim;
            this.rule = rule;
            this.reach = reach;
            this.taken = Set.of(taken);
        }
    }

    private static final KexInit LAX = EvilPeer.proposal(Algorithms.MODERN.withKex(List.of(
            homeport.ssh.crypto.KexAlgorithm.CURVE25519_SHA256)), List.of(), false);

    private static KexInit strict(String mark) {
        return EvilPeer.proposal(Algorithms.MODERN.withKex(List.of(
                homeport.ssh.crypto.KexAlgorithm.CURVE25519_SHA256)), List.of(mark), false);
    }

    private static EvilPeer rekeying(EvilPeer evil) {
        evil.dishonest().victim.rekey();
        return evil.deliver();
    }

    @ParameterizedTest
    @EnumSource(State.class)
    void everyMessageHasItsFateInEveryState(State state) {
        var evil = state.reach.get();
        for (int number = 0; number < 256; number++) {
            if (evil.victim.closed().isPresent() || (state.taken.contains(number) && number > 4)) {
                evil = state.reach.get();
            }
            if (state.name().endsWith("REKEYS") && number > 101 && number != 192 && number != 255) {
                continue; // all alike, and each costs a connection
            }
            assertTrue(evil.verdict().isEmpty(), state + " was not reached: " + evil.events);
            int unknown = evil.received(MessageNumber.UNIMPLEMENTED).size();
            evil.send(number, out -> {});
            String what = "message " + number + " in " + state + ": " + evil.victim.closed();
            var verdict = evil.verdict();
            switch (fate(state, number)) {
                case TAKEN -> assertFalse(verdict.filter(ABOUT_STATE::contains).isPresent(), what);
                case UNKNOWN -> {
                    assertEquals(Optional.empty(), verdict, what);
                    assertEquals(unknown + 1, evil.received(MessageNumber.UNIMPLEMENTED).size(), what);
                }
                case REFUSED -> {
                    assertTrue(verdict.filter(ABOUT_STATE::contains).isPresent(), what);
                    boolean reply = number == MessageNumber.REQUEST_SUCCESS || number == MessageNumber.REQUEST_FAILURE;
                    if (state.rule != null && !(reply && state.name().endsWith("REKEYS"))) {
                        assertEquals(state.rule, verdict.orElseThrow(), what);
                    }
                    assertFalse(evil.received(MessageNumber.DISCONNECT).isEmpty(), what);
                }
            }
        }
    }

    private static Fate fate(State state, int number) {
        if (state.taken.contains(number)) {
            return Fate.TAKEN;
        }
        boolean firstExchange = !state.name().endsWith("REKEYS") && state.rule != null;
        boolean assigned = number >= 1 && number <= 7 || number == 20 || number == 21
                || number >= 30 && number <= 82 || number >= 90 && number <= 100
                || number == 192 || number == 193;
        if (firstExchange || assigned) {
            return Fate.REFUSED;
        }
        // While keys are exchanged anew nothing above 49 may come, known or not.
        return state.rule != null && number >= 50 ? Fate.REFUSED : Fate.UNKNOWN;
    }
}
