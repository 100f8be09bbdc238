package homeport.ssh.wire;

import java.util.ArrayList;
import java.util.List;

/** The messages of the authentication protocol (RFC 4252, RFC 4256) that carry more than their number. */
public sealed interface AuthenticationMessage {

    /** SSH_MSG_USERAUTH_REQUEST (RFC 4252 §5). */
    record Request(String user, String service, Method method) implements AuthenticationMessage {
        public static Request read(SshReader in) {
            String user = in.utf8();
            String service = in.ascii();
            return new Request(user, service, Method.read(in.ascii(), in));
        }
    }

    /** How a client asks to be let in. */
    sealed interface Method {
        /** The method's name as negotiated. */
        String name();

        static Method read(String name, SshReader in) {
            Method method = switch (name) {
                case "none" -> new None();
                case "publickey" -> {
                    boolean signed = in.bool();
                    String algorithm = in.ascii();
                    byte[] key = in.string();
                    yield new PublicKey(algorithm, key, signed ? in.string() : new byte[0], new byte[0], false);
                }
                case HOST_BOUND -> {
                    boolean signed = in.bool();
                    String algorithm = in.ascii();
                    byte[] key = in.string();
                    byte[] hostKey = in.string();
                    yield new PublicKey(algorithm, key, signed ? in.string() : new byte[0], hostKey, true);
                }
                case "password" -> {
                    boolean change = in.bool();
                    byte[] password = in.string();
                    yield new Password(password, change ? in.string() : new byte[0], change);
                }
                case "keyboard-interactive" -> {
                    in.utf8(); // language tag, deprecated
                    yield new KeyboardInteractive(in.utf8());
                }
                default -> {
                    in.rest();
                    yield new Unknown(name);
                }
            };
            in.end();
            return method;
        }
    }

    /** OpenSSH's public-key method whose signature also covers the server's host key. */
    String HOST_BOUND = "publickey-hostbound-v00@openssh.com";

    /** RFC 4252 §5.2: asks which methods there are. */
    record None() implements Method {
        @Override
        public String name() {
            return "none";
        }
    }

    /**
     * RFC 4252 §7.
     *
     * @param signature empty where the client only asks whether the key would do
     * @param hostKey   the host key's blob in the host-bound variant, else empty
     */
    record PublicKey(String algorithm, byte[] key, byte[] signature, byte[] hostKey, boolean hostBound)
            implements
                Method {
        @Override
        public String name() {
            return hostBound ? HOST_BOUND : "publickey";
        }

        public boolean signed() {
            return signature.length > 0;
        }
    }

    /** RFC 4252 §8. The octets are the client's UTF-8. */
    record Password(byte[] password, byte[] newPassword, boolean change) implements Method {
        @Override
        public String name() {
            return "password";
        }

        @Override
        public String toString() {
            return "Password[change=" + change + "]";
        }
    }

    /** RFC 4256 §3.1. */
    record KeyboardInteractive(String submethods) implements Method {
        @Override
        public String name() {
            return "keyboard-interactive";
        }
    }

    /** A method that this engine does not speak. */
    record Unknown(String name) implements Method {}

    /** One question of a keyboard-interactive exchange; {@code echo} says whether the answer may be shown. */
    record Prompt(String text, boolean echo) {}

    /** SSH_MSG_USERAUTH_INFO_REQUEST (RFC 4256 §3.2). */
    record InfoRequest(String name, String instruction, List<Prompt> prompts) implements AuthenticationMessage {
        public static InfoRequest read(SshReader in, int mostPrompts) {
            // Only shown: a device that asks in another encoding is to be understood as far as it can be.
            String name = in.text();
            String instruction = in.text();
            in.skipString(); // language tag, deprecated
            long count = in.uint32();
            if (count > mostPrompts) {
                throw new ProtocolError(Rule.FIELD_TOO_LONG, count + " prompts, at most " + mostPrompts);
            }
            var prompts = new ArrayList<Prompt>((int) count);
            for (int i = 0; i < count; i++) {
                prompts.add(new Prompt(in.text(), in.bool()));
            }
            in.end();
            return new InfoRequest(name, instruction, List.copyOf(prompts));
        }

        public void write(SshWriter out) {
            out.string(name).string(instruction).string("").uint32(prompts.size());
            for (var prompt : prompts) {
                out.string(prompt.text()).bool(prompt.echo());
            }
        }
    }

    /** SSH_MSG_USERAUTH_FAILURE (RFC 4252 §5.1). */
    record Failure(List<String> methods, boolean partialSuccess) implements AuthenticationMessage {
        public static Failure read(SshReader in) {
            var failure = new Failure(in.nameList(), in.bool());
            in.end();
            return failure;
        }
    }
}
