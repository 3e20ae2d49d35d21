CREATE INDEX Suppression_by_end ON Suppression (ends_at);
