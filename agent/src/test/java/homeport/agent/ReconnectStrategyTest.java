package homeport.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import homeport.agent.ReconnectRules.StartWith;
import homeport.agent.ReconnectStrategy.Now;
import homeport.agent.ReconnectStrategy.Step;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** One test for each connect and reconnect rule, and for each known mistake of another library. */
class ReconnectStrategyTest {
    private static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
    private static final List<Endpoint> THREE = List.of(new Endpoint("a", "a.example", 4334),
            new Endpoint("b", "b.example", 4334), new Endpoint("c", "c.example", 4334));
    private static final Duration HOUR = Duration.ofHours(1);

    private Now now = new Now(NOON, 1_000);

    private ReconnectStrategy strategy(ConnectionType type, StartWith start, int maxAttempts, long seed) {
        return new ReconnectStrategy(
                new CalledGateway("dc", THREE, type, ReconnectRules.of(start, Duration.ofSeconds(5), maxAttempts)),
                new Random(seed), now);
    }

    private ReconnectStrategy persistent(StartWith start, int maxAttempts) {
        return strategy(new ConnectionType.Persistent(), start, maxAttempts, 7);
    }

    private ReconnectStrategy hourly(Optional<Instant> anchor) {
        return strategy(new ConnectionType.Periodic(HOUR, anchor, Duration.ofSeconds(180)), StartWith.FIRST_LISTED, 3,
                7);
    }

    private void pass(Duration time) {
        now = now.plus(time);
    }

    /** Waits for as long as it says, then dials. */
    private Step.Dial dial(ReconnectStrategy strategy) {
        var step = strategy.next(now);
        if (step instanceof Step.Wait wait) {
            pass(wait.time());
            step = strategy.next(now);
        }
        return assertInstanceOf(Step.Dial.class, step);
    }

    private List<String> failing(ReconnectStrategy strategy, int tries) {
        var names = new ArrayList<String>();
        for (int i = 0; i < tries; i++) {
            names.add(dial(strategy).endpoint().name());
            strategy.failed(now);
        }
        return names;
    }

    private Duration untilNext(ReconnectStrategy strategy) {
        return assertInstanceOf(Step.Wait.class, strategy.next(now)).time();
    }

    // ---- The model's rules

    @Test
    void firstTryIsAtOnceAndMaxWaitIsItsLimit() {
        var dial = assertInstanceOf(Step.Dial.class, persistent(StartWith.FIRST_LISTED, 3).next(now));
        assertEquals(Duration.ofSeconds(5), dial.patience());
    }

    @Test
    void maxAttemptsThenTheNextEndpointRoundRobin() {
        assertEquals(List.of("a", "a", "b", "b", "c", "c", "a"), failing(persistent(StartWith.FIRST_LISTED, 2), 7));
    }

    @Test
    void startWithFirstListedBeginsWithTheFirstAfterEachLoss() {
        var strategy = persistent(StartWith.FIRST_LISTED, 1);
        failing(strategy, 1);
        assertEquals("b", dial(strategy).endpoint().name());
        strategy.registered(now);
        pass(HOUR);
        strategy.ended(now, false);
        assertEquals("a", dial(strategy).endpoint().name());
    }

    @Test
    void startWithLastConnectedBeginsWithThatOne() {
        var strategy = persistent(StartWith.LAST_CONNECTED, 1);
        failing(strategy, 1);
        assertEquals("b", dial(strategy).endpoint().name());
        strategy.registered(now);
        pass(HOUR);
        strategy.ended(now, false);
        assertEquals("b", dial(strategy).endpoint().name());
    }

    @Test
    void persistentReconnectsAtOnceWhenItGoesDown() {
        for (boolean gracefully : new boolean[]{true, false}) {
            var strategy = persistent(StartWith.FIRST_LISTED, 3);
            dial(strategy);
            strategy.registered(now);
            pass(HOUR);
            strategy.ended(now, gracefully);
            assertInstanceOf(Step.Dial.class, strategy.next(now));
        }
    }

    @Test
    void periodicWithoutAnchorStartsAtOnceAndKeepsToThatMoment() {
        var strategy = hourly(Optional.empty());
        dial(strategy);
        strategy.registered(now);
        pass(Duration.ofMinutes(10));
        strategy.ended(now, true);
        assertEquals(Duration.ofMinutes(50), untilNext(strategy));
    }

    @Test
    void periodicSlotsAreWholePeriodsBeforeAndAfterTheAnchor() {
        assertEquals(Duration.ofMinutes(20), untilNext(hourly(Optional.of(NOON.minus(Duration.ofMinutes(1000))))));
        assertEquals(Duration.ofMinutes(40), untilNext(hourly(Optional.of(NOON.plus(Duration.ofMinutes(1000))))));
    }

    @Test
    void periodicNextStartIsAnchoredHoweverLongTheLastStayedOpen() {
        var strategy = hourly(Optional.of(NOON));
        dial(strategy);
        strategy.registered(now);
        pass(Duration.ofMinutes(150));
        assertInstanceOf(Step.Busy.class, strategy.next(now));
        strategy.ended(now, true);
        assertEquals(Duration.ofMinutes(30), untilNext(strategy));
    }

    @Test
    void periodicSessionNotClosedGracefullyIsReestablishedAtOnce() {
        var strategy = hourly(Optional.of(NOON));
        dial(strategy);
        strategy.registered(now);
        pass(Duration.ofMinutes(1));
        strategy.ended(now, false);
        assertInstanceOf(Step.Dial.class, strategy.next(now));
    }

    @Test
    void activeConnectionAndTryUnderWayAreNotDoubled() {
        var strategy = hourly(Optional.of(NOON));
        dial(strategy);
        pass(HOUR);
        assertInstanceOf(Step.Busy.class, strategy.next(now));
        strategy.registered(now);
        pass(HOUR);
        assertInstanceOf(Step.Busy.class, strategy.next(now));
    }

    // ---- Beyond the model

    @Test
    void backOffHasFullJitterBelowABoundThatDoubles() {
        var longest = new long[10];
        var shortest = new long[10];
        java.util.Arrays.fill(shortest, Long.MAX_VALUE);
        for (int seed = 0; seed < 500; seed++) {
            var strategy = strategy(new ConnectionType.Persistent(), StartWith.FIRST_LISTED, 3, seed);
            for (int i = 0; i < longest.length; i++) {
                dial(strategy);
                strategy.failed(now);
                long wait = strategy.next(now) instanceof Step.Wait waits ? waits.time().toMillis() : 0;
                longest[i] = Math.max(longest[i], wait);
                shortest[i] = Math.min(shortest[i], wait);
            }
        }
        for (int i = 0; i < longest.length; i++) {
            long bound = Math.min(60_000, 1000L << i);
            assertTrue(longest[i] <= bound && longest[i] > bound * 9 / 10, "pause " + i + ": " + longest[i]);
            assertTrue(shortest[i] < bound / 10, "pause " + i + " begins at nothing: " + shortest[i]);
        }
    }

    @Test
    void backOffIsForgottenAfterAConnectionThatLasted() {
        var strategy = persistent(StartWith.FIRST_LISTED, 3);
        failing(strategy, 12);
        dial(strategy);
        strategy.registered(now);
        pass(HOUR);
        strategy.ended(now, false);
        dial(strategy);
        strategy.failed(now);
        long wait = strategy.next(now) instanceof Step.Wait waits ? waits.time().toMillis() : 0;
        assertTrue(wait <= 1000, "the pause after the first failure is " + wait);
    }

    @Test
    void gatewayThatDropsUsAtOnceIsNotDialledWithoutPause() {
        var strategy = persistent(StartWith.FIRST_LISTED, 3);
        var begun = now;
        for (int i = 0; i < 50; i++) {
            dial(strategy);
            strategy.registered(now);
            strategy.ended(now, false);
        }
        assertTrue(now.nanos() - begun.nanos() > Duration.ofMinutes(5).toNanos());
    }

    @Test
    void calendarSetBackDoesNotPutTheNextSlotOff() {
        var strategy = hourly(Optional.of(NOON.plus(Duration.ofMinutes(30))));
        assertEquals(Duration.ofMinutes(30), untilNext(strategy));
        now = new Now(NOON.minus(Duration.ofDays(400)), now.nanos());
        assertTrue(untilNext(strategy).compareTo(HOUR) <= 0);
    }

    @Test
    void calendarSetForwardMakesTheSlotDue() {
        var strategy = hourly(Optional.of(NOON.plus(Duration.ofMinutes(30))));
        untilNext(strategy);
        now = new Now(NOON.plus(Duration.ofDays(400)), now.nanos());
        assertInstanceOf(Step.Dial.class, strategy.next(now));
    }

    // ---- Known mistakes of a widely used device library

    @Test
    void mistakeTimeSinceTheLastSlotIsNotTimeToTheNext() {
        assertEquals(Duration.ofMinutes(50), untilNext(hourly(Optional.of(NOON.minus(Duration.ofMinutes(10))))));
    }

    @Test
    void mistakeAttemptsAreResetAfterASuccess() {
        var strategy = persistent(StartWith.FIRST_LISTED, 3);
        failing(strategy, 2);
        assertEquals("a", dial(strategy).endpoint().name());
        strategy.registered(now);
        pass(HOUR);
        strategy.ended(now, false);
        assertEquals(List.of("a", "a", "a", "b"), failing(strategy, 4));
    }

    @Test
    void mistakeMaxWaitIsNoPause() {
        var strategy = new ReconnectStrategy(
                new CalledGateway("dc", THREE, new ConnectionType.Persistent(),
                        ReconnectRules.of(StartWith.FIRST_LISTED, Duration.ofHours(9), 3)),
                new Random(1), now);
        assertEquals(Duration.ofHours(9), dial(strategy).patience());
        strategy.failed(now);
        assertTrue(!(strategy.next(now) instanceof Step.Wait wait) || wait.time().toSeconds() <= 1);
    }

    @Test
    void mistakeRandomSelectionDoesNotAlwaysBeginWithTheFirst() {
        Set<String> begun = new HashSet<>();
        for (int seed = 0; seed < 50; seed++) {
            begun.add(dial(strategy(new ConnectionType.Persistent(), StartWith.RANDOM_SELECTION, 3, seed)).endpoint()
                    .name());
        }
        assertEquals(Set.of("a", "b", "c"), begun);
    }
}
