-- One text for both databases. Times are milliseconds since 1970; ${bytes} and ${counter} differ in name only.

CREATE TABLE device_group (
    id              TEXT PRIMARY KEY,
    admits          BOOLEAN NOT NULL,
    sha256_required BOOLEAN NOT NULL,
    sealed_secret   ${bytes},
    added           BIGINT NOT NULL
);

CREATE TABLE trust_anchor (
    name           TEXT PRIMARY KEY,
    kind           TEXT NOT NULL CHECK (kind IN ('x509', 'openssh')),
    purpose        TEXT NOT NULL CHECK (purpose IN ('devices', 'operators')),
    material       TEXT NOT NULL,
    id_from        TEXT NOT NULL CHECK (id_from IN ('serialNumber', 'CN', 'SAN')),
    admits_unknown BOOLEAN NOT NULL,
    revocations    TEXT NOT NULL,
    added          BIGINT NOT NULL
);

CREATE TABLE trust_serial (
    anchor    TEXT NOT NULL REFERENCES trust_anchor (name) ON DELETE CASCADE,
    device_id TEXT NOT NULL,
    PRIMARY KEY (anchor, device_id)
);

CREATE TABLE device (
    id              TEXT PRIMARY KEY,
    state           TEXT NOT NULL CHECK (state IN ('pending', 'admitted', 'refused')),
    reason          TEXT NOT NULL,
    -- Without a foreign key: an authority that is removed must leave its devices bound to it, not free to be taken.
    anchor          TEXT,
    group_id        TEXT REFERENCES device_group (id) ON UPDATE CASCADE,
    sealed_secret   ${bytes},
    sha256_required BOOLEAN NOT NULL,
    legacy_allowed  BOOLEAN NOT NULL,
    login_user      TEXT,
    login_way       TEXT NOT NULL CHECK (login_way IN ('gateway-key', 'password', 'key', 'certificate')),
    sealed_login    ${bytes},
    added           BIGINT NOT NULL,
    version         BIGINT NOT NULL
);

CREATE INDEX device_by_state ON device (state, id);
CREATE INDEX device_by_group ON device (group_id);

CREATE TABLE pin (
    device_id   TEXT NOT NULL REFERENCES device (id) ON UPDATE CASCADE ON DELETE CASCADE,
    fingerprint TEXT NOT NULL,
    key_line    TEXT,
    state       TEXT NOT NULL CHECK (state IN ('active', 'waiting')),
    added_by    TEXT NOT NULL,
    added       BIGINT NOT NULL,
    PRIMARY KEY (device_id, fingerprint)
);

CREATE INDEX pin_by_fingerprint ON pin (fingerprint);

CREATE TABLE label (
    device_id TEXT NOT NULL REFERENCES device (id) ON UPDATE CASCADE ON DELETE CASCADE,
    name      TEXT NOT NULL,
    content   TEXT NOT NULL,
    PRIMARY KEY (device_id, name)
);

CREATE INDEX label_by_content ON label (name, content);

CREATE TABLE sighting (
    device_id     TEXT PRIMARY KEY REFERENCES device (id) ON UPDATE CASCADE ON DELETE CASCADE,
    online        BOOLEAN NOT NULL,
    design        TEXT NOT NULL,
    identity_kind TEXT NOT NULL,
    identity      TEXT NOT NULL,
    address       TEXT NOT NULL,
    software      TEXT NOT NULL,
    since         BIGINT NOT NULL,
    last_seen     BIGINT NOT NULL,
    reason        TEXT NOT NULL
);

CREATE TABLE claim_token (
    hash      TEXT PRIMARY KEY,
    device_id TEXT NOT NULL REFERENCES device (id) ON UPDATE CASCADE ON DELETE CASCADE,
    expires   BIGINT NOT NULL,
    used      BIGINT,
    added     BIGINT NOT NULL
);

CREATE INDEX claim_token_by_device ON claim_token (device_id);

CREATE TABLE operator (
    name  TEXT PRIMARY KEY,
    role  TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    added BIGINT NOT NULL
);

CREATE TABLE operator_key (
    fingerprint   TEXT PRIMARY KEY,
    operator_name TEXT NOT NULL REFERENCES operator (name) ON DELETE CASCADE,
    key_line      TEXT NOT NULL,
    added         BIGINT NOT NULL
);

CREATE INDEX operator_key_by_operator ON operator_key (operator_name);

CREATE TABLE operator_selector (
    operator_name TEXT NOT NULL REFERENCES operator (name) ON DELETE CASCADE,
    name          TEXT NOT NULL,
    content       TEXT NOT NULL,
    PRIMARY KEY (operator_name, name, content)
);

CREATE TABLE operator_token (
    hash          TEXT PRIMARY KEY,
    operator_name TEXT NOT NULL REFERENCES operator (name) ON DELETE CASCADE,
    expires       BIGINT NOT NULL,
    added         BIGINT NOT NULL
);

CREATE INDEX operator_token_by_operator ON operator_token (operator_name);

-- Names of devices and operators stay here when those are removed, so there are no foreign keys.
CREATE TABLE audit (
    seq    BIGINT PRIMARY KEY,
    at     BIGINT NOT NULL,
    actor  TEXT NOT NULL,
    action TEXT NOT NULL,
    device TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash   TEXT NOT NULL
);

CREATE INDEX audit_by_device ON audit (device, seq);

CREATE TABLE attempt (
    seq         ${counter},
    at          BIGINT NOT NULL,
    address     TEXT NOT NULL,
    design      TEXT NOT NULL,
    device      TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    stage       TEXT NOT NULL,
    outcome     TEXT NOT NULL CHECK (outcome IN ('joined', 'held', 'refused', 'failed')),
    code        TEXT NOT NULL,
    detail      TEXT NOT NULL
);

CREATE INDEX attempt_by_device ON attempt (device, seq);
CREATE INDEX attempt_by_fingerprint ON attempt (fingerprint, seq);
CREATE INDEX attempt_by_address ON attempt (address, seq);
CREATE INDEX attempt_by_time ON attempt (at);

-- At most one open alarm of a kind for a device: what repeats is counted.
CREATE TABLE alarm (
    seq         ${counter},
    kind        TEXT NOT NULL,
    device      TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    detail      TEXT NOT NULL,
    raised      BIGINT NOT NULL,
    last        BIGINT NOT NULL,
    times       BIGINT NOT NULL,
    cleared     BIGINT,
    cleared_by  TEXT
);

CREATE UNIQUE INDEX alarm_open ON alarm (kind, device) WHERE cleared IS NULL;
