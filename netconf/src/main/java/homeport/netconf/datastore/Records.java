package homeport.netconf.datastore;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Optional;
import org.opendaylight.yangtools.yang.data.api.schema.ContainerNode;
import org.opendaylight.yangtools.yang.data.codec.binfmt.DataTreeCandidateInputOutput;
import org.opendaylight.yangtools.yang.data.codec.binfmt.NormalizedNodeDataInput;
import org.opendaylight.yangtools.yang.data.codec.binfmt.NormalizedNodeDataOutput;
import org.opendaylight.yangtools.yang.data.codec.binfmt.NormalizedNodeStreamVersion;
import org.opendaylight.yangtools.yang.data.tree.api.DataTreeCandidate;

/** What happens to datastores, as records of the {@link Journal}; data in yangtools' binary format. */
sealed interface Records {
    /** Everything: running, what startup holds, and what running goes back to unless its change is confirmed. */
    record Snapshot(ContainerNode running, Optional<ContainerNode> startup, Optional<ContainerNode> rollback)
            implements
                Records {}

    /** Running changed for good. */
    record Changed(DataTreeCandidate change) implements Records {}

    /** Running changed, to go back unless that is confirmed. */
    record Unconfirmed(DataTreeCandidate change) implements Records {}

    /** What was unconfirmed stays. */
    record Confirmed() implements Records {}

    /** What was unconfirmed is undone. */
    record RolledBack() implements Records {}

    /** Startup holds this. */
    record Startup(ContainerNode content) implements Records {}

    /** Startup holds what running holds now. */
    record StartupIsRunning() implements Records {}

    /** Startup holds nothing. */
    record StartupGone() implements Records {}

    /** The record as bytes: one for its kind, then its data. */
    static byte[] encode(Records record) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        switch (record) {
            case Snapshot(var running, var startup, var rollback) -> {
                out.writeByte(1);
                out.writeBoolean(startup.isPresent());
                out.writeBoolean(rollback.isPresent());
                try (NormalizedNodeDataOutput data = data(out)) {
                    data.writeNormalizedNode(running);
                    if (startup.isPresent()) {
                        data.writeNormalizedNode(startup.get());
                    }
                    if (rollback.isPresent()) {
                        data.writeNormalizedNode(rollback.get());
                    }
                }
            }
            case Changed(var change) -> change(out, 2, change);
            case Unconfirmed(var change) -> change(out, 3, change);
            case Confirmed() -> out.writeByte(4);
            case RolledBack() -> out.writeByte(5);
            case Startup(var content) -> {
                out.writeByte(6);
                try (NormalizedNodeDataOutput data = data(out)) {
                    data.writeNormalizedNode(content);
                }
            }
            case StartupIsRunning() -> out.writeByte(7);
            case StartupGone() -> out.writeByte(8);
        }
        out.flush();
        return bytes.toByteArray();
    }

    private static void change(DataOutputStream out, int kind, DataTreeCandidate change) throws IOException {
        out.writeByte(kind);
        try (NormalizedNodeDataOutput data = data(out)) {
            DataTreeCandidateInputOutput.writeDataTreeCandidate(data, change);
        }
    }

    private static NormalizedNodeDataOutput data(DataOutputStream out) {
        return NormalizedNodeStreamVersion.current().newDataOutput(out);
    }

    /** The record of bytes that {@link #encode} made. */
    static Records decode(byte[] bytes) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        int kind = in.readUnsignedByte();
        return switch (kind) {
            case 1 -> {
                boolean startup = in.readBoolean();
                boolean rollback = in.readBoolean();
                NormalizedNodeDataInput data = NormalizedNodeDataInput.newDataInput(in);
                yield new Snapshot(content(data), startup ? Optional.of(content(data)) : Optional.empty(),
                        rollback ? Optional.of(content(data)) : Optional.empty());
            }
            case 2 -> new Changed(
                    DataTreeCandidateInputOutput.readDataTreeCandidate(NormalizedNodeDataInput.newDataInput(in)));
            case 3 ->
                new Unconfirmed(
                        DataTreeCandidateInputOutput.readDataTreeCandidate(NormalizedNodeDataInput.newDataInput(in)));
            case 4 -> new Confirmed();
            case 5 -> new RolledBack();
            case 6 -> new Startup(content(NormalizedNodeDataInput.newDataInput(in)));
            case 7 -> new StartupIsRunning();
            case 8 -> new StartupGone();
            default -> throw new IOException("a journal record of unknown kind " + kind);
        };
    }

    private static ContainerNode content(NormalizedNodeDataInput data) throws IOException {
        return data.readNormalizedNode() instanceof ContainerNode container ? container : wrong();
    }

    private static ContainerNode wrong() throws IOException {
        throw new IOException("a journal record does not hold a datastore");
    }
}
