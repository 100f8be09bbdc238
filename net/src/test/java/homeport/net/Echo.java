package homeport.net;

import homeport.callhome.ByteMachine;
import homeport.callhome.Refusal;

/** Sends back what came. */
final class Echo implements ByteMachine {
    private final Connection connection;
    private boolean closed;

    Echo(Connection connection) {
        this.connection = connection;
    }

    @Override
    public void start() {}

    @Override
    public void receive(byte[] array, int offset, int length) {
        var output = connection.loop().output();
        output.run(connection, () -> output.writer().bytes(array, offset, length));
    }

    @Override
    public void endOfStream() {
        closed = true;
    }

    @Override
    public boolean wantsInput() {
        return !closed && connection.writable();
    }

    @Override
    public void outputWritable() {}

    @Override
    public long deadline() {
        return Long.MAX_VALUE;
    }

    @Override
    public void tick() {}

    @Override
    public void close(Refusal refusal, String detail) {
        closed = true;
        connection.loop().output().run(connection, connection::end);
    }

    @Override
    public boolean isClosed() {
        return closed;
    }
}
