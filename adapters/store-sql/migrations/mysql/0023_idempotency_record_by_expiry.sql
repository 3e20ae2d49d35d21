CREATE INDEX IdempotencyRecord_by_expiry ON IdempotencyRecord (expires_at);
