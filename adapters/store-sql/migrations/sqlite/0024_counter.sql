-- Counters against abuse. Their names are hashes.
CREATE TABLE Counter (
    name    BLOB    NOT NULL PRIMARY KEY,
    value   INTEGER NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
