package homeport.gateway.config;

import java.nio.file.Path;

/** Where a setting stands. */
sealed interface Origin {
    String text();

    /** @param line from 1 on; 0 for the file as a whole */
    record File(Path path, int line) implements Origin {
        @Override
        public String text() {
            return path + (line > 0 ? " line " + line : "");
        }
    }

    record Variable(String name) implements Origin {
        @Override
        public String text() {
            return "environment variable " + name;
        }
    }

    record Flag(String name) implements Origin {
        @Override
        public String text() {
            return "option " + name;
        }
    }

    record Default() implements Origin {
        @Override
        public String text() {
            return "default";
        }
    }
}
