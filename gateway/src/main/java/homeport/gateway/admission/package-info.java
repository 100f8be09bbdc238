/**
 * Who may in. Pure functions over evidence, what is on record, and the policy: no clock, no store, no network.
 *
 * <pre>
 *  Evidence ─▶ Subject (which id, vouched for by whom) ─▶ the record is read ─▶ Judge ─▶ Verdict, with what to write
 * </pre>
 *
 * Two rules stand above all others here. What is only claimed never admits: it holds. And a known id that comes with
 * another key than its own is refused, with an alarm; the key on record is never replaced.
 */
package homeport.gateway.admission;
