-- An album's photos of one state, newest upload first.
CREATE INDEX Photo_by_album ON Photo (album_id, state, id);
