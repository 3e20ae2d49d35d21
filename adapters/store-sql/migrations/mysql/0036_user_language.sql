-- The language of pages and mails; none where the browser's counts.
ALTER TABLE User ADD COLUMN language VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL;
