-- Sign-ups that wait for their confirmation, several for one address. Each becomes the account of its id, or is
-- removed.
CREATE TABLE Registration (
    id            BLOB    NOT NULL PRIMARY KEY,
    email         TEXT    NOT NULL,
    email_key     TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    password_hash TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    quota_bytes   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
