-- The queue. `body` is the job in JSON; `kind`, `user_id` and `is_deletion` repeat what is looked for. `dormant`
-- is 1 for a parked job that does not run unless it is resumed. No foreign key: a receipt outlives its account.
CREATE TABLE Job (
    id            BLOB    NOT NULL PRIMARY KEY,
    kind          TEXT    NOT NULL,
    user_id       BLOB,
    is_deletion   INTEGER NOT NULL,
    due_at        INTEGER NOT NULL,
    leased_until  INTEGER,
    lease         INTEGER,
    failures      INTEGER NOT NULL DEFAULT 0,
    last_error    TEXT,
    parked        INTEGER NOT NULL DEFAULT 0,
    dormant       INTEGER NOT NULL DEFAULT 0,
    tally_albums  INTEGER NOT NULL DEFAULT 0,
    tally_photos  INTEGER NOT NULL DEFAULT 0,
    tally_objects INTEGER NOT NULL DEFAULT 0,
    tally_bytes   INTEGER NOT NULL DEFAULT 0,
    body          TEXT    NOT NULL
) STRICT;
