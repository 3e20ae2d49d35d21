CREATE INDEX Counter_by_end ON Counter (ends_at);
