-- Sign-ups that wait for their confirmation, several for one address. Each becomes the account of its id, or is
-- removed.
CREATE TABLE Registration (
    id            BINARY(16)     NOT NULL PRIMARY KEY,
    email         VARCHAR(254)   NOT NULL,
    email_key     VARBINARY(254) NOT NULL,
    name          VARCHAR(100)   NOT NULL,
    password_hash VARCHAR(255)   NOT NULL,
    created_at    BIGINT         NOT NULL,
    quota_bytes   BIGINT         NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
