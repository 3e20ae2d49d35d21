-- The owner's albums, newest first.
CREATE INDEX Album_by_owner ON Album (owner_id, id);
