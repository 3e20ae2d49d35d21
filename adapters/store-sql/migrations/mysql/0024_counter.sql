-- Counters against abuse. Their names are hashes.
CREATE TABLE Counter (
    name    BINARY(32) NOT NULL PRIMARY KEY,
    value   BIGINT     NOT NULL,
    ends_at BIGINT     NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
