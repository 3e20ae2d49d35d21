CREATE INDEX IdempotencyRecord_by_resource ON IdempotencyRecord (resource);
