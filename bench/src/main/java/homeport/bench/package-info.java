/**
 * Measurements: ours beside a peer's and beside the floor, in one run.
 *
 * <p>A benchmark is a list of contenders measured in turns ({@code Rounds}), because two shared cores drift by more than
 * the differences that matter; what is printed is the median of the rounds and their spread. CPU time is measured, not
 * wall time, wherever a contender has a process or a thread of its own. {@code bench/run} is the way in.
 *
 * <p>No Java module: sshd-core and sshd-common share packages, so both can only stand on the class path.
 */
@org.jspecify.annotations.NullMarked
package homeport.bench;
