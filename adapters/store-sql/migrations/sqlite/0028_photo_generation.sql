-- The newest generation of blobs that the row has named; 0 for photos of before generations.
ALTER TABLE Photo ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
