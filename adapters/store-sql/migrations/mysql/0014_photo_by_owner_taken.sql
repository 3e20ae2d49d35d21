-- An owner's photos of one state, by time taken.
CREATE INDEX Photo_by_owner_taken ON Photo (owner_id, state, taken_order, id);
