-- Addresses that are not written to. `address` is a keyed hash; `reason` is `bounced` or `complained`.
CREATE TABLE Suppression (
    address     BLOB    NOT NULL PRIMARY KEY,
    reason      TEXT    NOT NULL,
    reported_at INTEGER NOT NULL,
    ends_at     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
