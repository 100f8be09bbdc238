package homeport.netconf;

import homeport.netconf.xml.XmlError;

/**
 * A rule that did not hold, and with what: ends a session, or one request when the rule is about a request.
 *
 * <p>It carries no stack trace: a peer can cause thousands of these in a second, and the rule says more.
 */
public final class SessionError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Rule rule;
    private final String detail;

    public SessionError(Rule rule, String detail) {
        super(rule.sentence() + (detail.isEmpty() ? "" : ": " + detail), null, false, false);
        this.rule = rule;
        this.detail = detail;
    }

    public SessionError(Rule rule) {
        this(rule, "");
    }

    /** What the XML reader found wrong, as a rule of the session. */
    public static SessionError of(XmlError error) {
        Rule rule = switch (error.kind()) {
            case MALFORMED -> Rule.XML_MALFORMED;
            case ENCODING -> Rule.XML_ENCODING;
            case DTD -> Rule.XML_DTD;
            case TOO_DEEP -> Rule.XML_TOO_DEEP;
            case TOO_MANY -> Rule.XML_TOO_MANY;
            case MARKUP_TOO_LONG -> Rule.XML_MARKUP_TOO_LONG;
        };
        return new SessionError(rule, String.valueOf(error.getMessage()));
    }

    public Rule rule() {
        return rule;
    }

    public Fault fault() {
        return rule.fault();
    }

    /** What was met, for the journal; empty when the rule says it all. */
    public String detail() {
        return detail;
    }
}
