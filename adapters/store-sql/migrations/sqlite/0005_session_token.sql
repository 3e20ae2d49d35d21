-- Tokens, as SHA-256 hashes, and the hash of the one replacement that each may have.
CREATE TABLE SessionToken (
    hash        BLOB    NOT NULL PRIMARY KEY,
    session_id  BLOB    NOT NULL REFERENCES Session (id) ON DELETE CASCADE,
    issued_at   INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    replaced_by BLOB
) STRICT, WITHOUT ROWID;
