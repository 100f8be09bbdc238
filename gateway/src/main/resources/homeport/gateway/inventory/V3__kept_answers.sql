-- What requests with an Idempotency-Key were answered: a row is there before the request acts, its answer after.
-- Answers can hold tokens, so they are sealed.
CREATE TABLE kept_answer (
    operator TEXT NOT NULL,
    name     TEXT NOT NULL,
    request  TEXT NOT NULL,
    at       BIGINT NOT NULL,
    done     BOOLEAN NOT NULL,
    sealed   ${bytes},
    PRIMARY KEY (operator, name)
);

CREATE INDEX kept_answer_by_time ON kept_answer (at);
