-- Until now a sign-up was an account without a confirmation. May be executed again after a crash.
INSERT INTO Registration (id, email, email_key, name, password_hash, created_at, quota_bytes)
SELECT u.id, u.email, u.email_key, u.name, u.password_hash, u.created_at, u.quota_bytes FROM User u
WHERE u.confirmed_at IS NULL AND u.deleting = 0 AND NOT EXISTS (SELECT 1 FROM Registration r WHERE r.id = u.id);
