-- Uploads that were never finished.
CREATE INDEX Photo_by_deadline ON Photo (deadline);
