-- Photos. `state`: 0 pending, 1 ready, 2 deleting. `bytes` is the original's size, or what is reserved for it
-- while pending; `deadline` is NULL unless pending. What a photo gets when it becomes ready is empty until then.
-- `image` and `objects` are packed and never searched. `exif` stands last and alone, so that lists don't read it.
CREATE TABLE Photo (
    id          BLOB    NOT NULL PRIMARY KEY,
    album_id    BLOB    NOT NULL REFERENCES Album (id),
    owner_id    BLOB    NOT NULL REFERENCES User (id),
    state       INTEGER NOT NULL,
    bytes       INTEGER NOT NULL,
    deadline    INTEGER,
    version     INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    taken_order INTEGER NOT NULL,
    fingerprint BLOB,
    title       TEXT    NOT NULL DEFAULT '',
    description TEXT    NOT NULL DEFAULT '',
    tags        TEXT    NOT NULL DEFAULT '[]',
    file_name   TEXT    NOT NULL DEFAULT '',
    image       BLOB,
    objects     BLOB,
    exif        TEXT
) STRICT;
