-- Which of 16 parts of the class a job is in, by who has caused it. Those of before are all in the first.
ALTER TABLE Job ADD COLUMN shard TINYINT NOT NULL DEFAULT 0;
