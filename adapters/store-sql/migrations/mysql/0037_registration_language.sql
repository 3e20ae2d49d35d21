-- The language that the person's browser asked for.
ALTER TABLE Registration ADD COLUMN language VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL;
