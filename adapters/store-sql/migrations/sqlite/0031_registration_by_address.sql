CREATE INDEX Registration_by_address ON Registration (email_key, created_at);
