package homeport.cli.api;

/**
 * One server-sent event (HTML Living Standard, 9.2).
 *
 * @param id by which to resume after it; empty for none
 * @param type {@code message} where the stream names none
 * @param data lines joined by line feeds
 */
public record ServerEvent(String id, String type, String data) {}
