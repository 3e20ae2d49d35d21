CREATE INDEX SessionToken_by_expiry ON SessionToken (expires_at);
