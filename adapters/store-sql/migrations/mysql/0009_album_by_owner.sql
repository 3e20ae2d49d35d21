-- The owner's albums, newest first. It is unique because ids are; that it says so lets "this album of this owner"
-- be seen as one row, whose photos are then read in order.
CREATE UNIQUE INDEX Album_by_owner ON Album (owner_id, id);
