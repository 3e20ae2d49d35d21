-- What a request with an `Idempotency-Key` made. `resource` is the id of an album or of a photo.
CREATE TABLE IdempotencyRecord (
    owner_id        BINARY(16)     NOT NULL,
    idempotency_key VARBINARY(100) NOT NULL,
    resource        BINARY(16)     NOT NULL,
    fingerprint     BINARY(32),
    expires_at      BIGINT         NOT NULL,
    PRIMARY KEY (owner_id, idempotency_key),
    CONSTRAINT IdempotencyRecord_of_owner FOREIGN KEY (owner_id) REFERENCES User (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
