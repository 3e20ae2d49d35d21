-- When the photo was taken as its owner set it; none where the file's time counts.
ALTER TABLE Photo ADD COLUMN taken_override TEXT NULL;
