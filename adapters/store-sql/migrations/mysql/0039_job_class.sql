-- The sort of work that a job is: 0 deletion, 1 mail, 2 photo, 3 upkeep. A program of before, which knows no classes,
-- records upkeep.
ALTER TABLE Job ADD COLUMN class TINYINT NOT NULL DEFAULT 3;
