-- An owner's photos of one state, newest upload first.
CREATE INDEX Photo_by_owner ON Photo (owner_id, state, id);
