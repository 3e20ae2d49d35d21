-- Accounts. `email` is the address as typed, `email_key` its canonical form; both are NULL once the account
-- is marked as deleting, which is what frees the address. `albums`, `photos` and `bytes` are its usage.
-- Keys are VARBINARY: utf8mb4_bin would take no notice of spaces at the end.
CREATE TABLE User (
    id            BINARY(16)     NOT NULL PRIMARY KEY,
    email         VARCHAR(254),
    email_key     VARBINARY(254) UNIQUE,
    name          VARCHAR(100)   NOT NULL,
    password_hash VARCHAR(255)   NOT NULL,
    created_at    BIGINT         NOT NULL,
    confirmed_at  BIGINT,
    deleting      TINYINT        NOT NULL DEFAULT 0,
    quota_bytes   BIGINT         NOT NULL,
    albums        BIGINT         NOT NULL DEFAULT 0,
    photos        BIGINT         NOT NULL DEFAULT 0,
    bytes         BIGINT         NOT NULL DEFAULT 0
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
