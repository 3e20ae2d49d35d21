-- What a request with an `Idempotency-Key` made. `resource` is the id of an album or of a photo.
CREATE TABLE IdempotencyRecord (
    owner_id        BLOB    NOT NULL REFERENCES User (id),
    idempotency_key TEXT    NOT NULL,
    resource        BLOB    NOT NULL,
    fingerprint     BLOB,
    expires_at      INTEGER NOT NULL,
    PRIMARY KEY (owner_id, idempotency_key)
) STRICT, WITHOUT ROWID;
