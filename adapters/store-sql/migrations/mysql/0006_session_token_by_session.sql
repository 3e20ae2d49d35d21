CREATE INDEX SessionToken_by_session ON SessionToken (session_id, expires_at);
