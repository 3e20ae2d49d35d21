-- Accounts. `email` is the address as typed, `email_key` its canonical form; both are NULL once the account
-- is marked as deleting, which is what frees the address. `albums`, `photos` and `bytes` are its usage.
CREATE TABLE User (
    id            BLOB    NOT NULL PRIMARY KEY,
    email         TEXT,
    email_key     TEXT    UNIQUE,
    name          TEXT    NOT NULL,
    password_hash TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    confirmed_at  INTEGER,
    deleting      INTEGER NOT NULL DEFAULT 0,
    quota_bytes   INTEGER NOT NULL,
    albums        INTEGER NOT NULL DEFAULT 0,
    photos        INTEGER NOT NULL DEFAULT 0,
    bytes         INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
