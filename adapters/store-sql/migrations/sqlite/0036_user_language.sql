-- The language of pages and mails; none where the browser's counts.
ALTER TABLE User ADD COLUMN language TEXT NULL;
