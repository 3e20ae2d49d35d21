-- The language that the person's browser asked for.
ALTER TABLE Registration ADD COLUMN language TEXT NULL;
