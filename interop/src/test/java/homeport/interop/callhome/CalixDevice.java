package homeport.interop.callhome;

import homeport.callhome.ByteMachine;
import homeport.callhome.Departure;
import homeport.callhome.Refusal;
import homeport.net.Connection;
import java.nio.charset.StandardCharsets;

/** A device that says who it is in XML, waits for the acknowledgement, and is an SSH server from there on. */
final class CalixDevice implements ByteMachine {
    private static final byte[] ACKNOWLEDGED = "<ack>ok</ack>".getBytes(StandardCharsets.US_ASCII);

    private final Connection connection;
    private final String serial;
    private final Departure server;
    private int acknowledged;

    CalixDevice(Connection connection, String serial, Departure server) {
        this.connection = connection;
        this.serial = serial;
        this.server = server;
    }

    @Override
    public void start() {
        var output = connection.loop().output();
        var identity = "<version>1</version><identity><mac>02:00:00:00:00:01</mac><serial-number>" + serial
                + "</serial-number><model-name>E7</model-name><source-ip>127.0.0.1</source-ip></identity>";
        output.run(connection, () -> output.writer().bytes(identity.getBytes(StandardCharsets.US_ASCII)));
    }

    @Override
    public void receive(byte[] array, int offset, int length) {
        int at = 0;
        while (acknowledged < ACKNOWLEDGED.length && at < length) {
            if (array[offset + at++] != ACKNOWLEDGED[acknowledged++]) {
                throw new IllegalStateException("something else than the acknowledgement came");
            }
            if (acknowledged == ACKNOWLEDGED.length) {
                server.start();
            }
        }
        if (at < length) {
            server.receive(array, offset + at, length - at);
        }
    }

    @Override
    public void endOfStream() {
        server.endOfStream();
    }

    @Override
    public boolean wantsInput() {
        return server.wantsInput();
    }

    @Override
    public void outputWritable() {
        server.outputWritable();
    }

    @Override
    public long deadline() {
        return server.deadline();
    }

    @Override
    public void tick() {
        server.tick();
    }

    @Override
    public void close(Refusal refusal, String detail) {
        server.close(refusal, detail);
    }

    @Override
    public boolean isClosed() {
        return server.isClosed();
    }
}
