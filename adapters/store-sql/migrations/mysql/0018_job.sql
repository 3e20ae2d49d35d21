-- The queue. `body` is the job in JSON; `kind`, `user_id` and `is_deletion` repeat what is looked for. `dormant`
-- is 1 for a parked job that does not run unless it is resumed. No foreign key: a receipt outlives its account.
CREATE TABLE Job (
    id            BINARY(16)  NOT NULL PRIMARY KEY,
    kind          VARCHAR(32) NOT NULL,
    user_id       BINARY(16),
    is_deletion   TINYINT     NOT NULL,
    due_at        BIGINT      NOT NULL,
    leased_until  BIGINT,
    lease         BIGINT,
    failures      BIGINT      NOT NULL DEFAULT 0,
    last_error    TEXT,
    parked        TINYINT     NOT NULL DEFAULT 0,
    dormant       TINYINT     NOT NULL DEFAULT 0,
    tally_albums  BIGINT      NOT NULL DEFAULT 0,
    tally_photos  BIGINT      NOT NULL DEFAULT 0,
    tally_objects BIGINT      NOT NULL DEFAULT 0,
    tally_bytes   BIGINT      NOT NULL DEFAULT 0,
    body          MEDIUMTEXT  NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
