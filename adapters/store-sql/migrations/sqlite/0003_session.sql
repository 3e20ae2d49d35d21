-- Log-ins that have not ended.
CREATE TABLE Session (
    id           BLOB    NOT NULL PRIMARY KEY,
    user_id      BLOB    NOT NULL REFERENCES User (id),
    created_at   INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    ends_at      INTEGER NOT NULL,
    user_agent   TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
