-- Albums. `photo_count` counts ready photos; `bytes` is what the album adds to its owner's usage, reservations
-- included. `cover` has no foreign key: photos refer to albums, and the cover follows every change of a photo.
CREATE TABLE Album (
    id          BLOB    NOT NULL PRIMARY KEY,
    owner_id    BLOB    NOT NULL REFERENCES User (id),
    deleting    INTEGER NOT NULL DEFAULT 0,
    version     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    cover       BLOB,
    photo_count INTEGER NOT NULL DEFAULT 0,
    bytes       INTEGER NOT NULL DEFAULT 0,
    name        TEXT    NOT NULL,
    description TEXT    NOT NULL
) STRICT;
