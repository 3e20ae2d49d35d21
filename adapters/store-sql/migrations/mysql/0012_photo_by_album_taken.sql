-- An album's photos of one state, by time taken.
CREATE INDEX Photo_by_album_taken ON Photo (album_id, state, taken_order, id);
