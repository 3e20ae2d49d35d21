-- Whether a part of the picture could not be decoded; not known of photos of before.
ALTER TABLE Photo ADD COLUMN damaged BOOLEAN NOT NULL DEFAULT FALSE;
