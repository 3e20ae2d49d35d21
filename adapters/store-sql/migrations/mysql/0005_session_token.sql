-- Tokens, as SHA-256 hashes, and the hash of the one replacement that each may have.
CREATE TABLE SessionToken (
    hash        BINARY(32) NOT NULL PRIMARY KEY,
    session_id  BINARY(16) NOT NULL,
    issued_at   BIGINT     NOT NULL,
    expires_at  BIGINT     NOT NULL,
    replaced_by BINARY(32),
    CONSTRAINT SessionToken_of_session FOREIGN KEY (session_id) REFERENCES Session (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
