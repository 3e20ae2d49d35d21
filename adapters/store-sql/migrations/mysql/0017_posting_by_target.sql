-- The terms of one target: for the further words of a query, and for changing and removing them.
CREATE INDEX Posting_by_target ON Posting (target, term);
