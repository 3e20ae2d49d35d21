-- Addresses that are not written to. `address` is a keyed hash; `reason` is `bounced` or `complained`.
CREATE TABLE Suppression (
    address     BINARY(32)  NOT NULL PRIMARY KEY,
    reason      VARCHAR(16) NOT NULL,
    reported_at BIGINT      NOT NULL,
    ends_at     BIGINT      NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
