-- Photos. `state`: 0 pending, 1 ready, 2 deleting. `bytes` is the original's size, or what is reserved for it
-- while pending; `deadline` is NULL unless pending. What a photo gets when it becomes ready is empty until then.
-- `image` and `objects` are packed and never searched. `exif` stands last and alone, so that lists don't read it.
-- MySQL takes the default of a TEXT in parentheses only.
CREATE TABLE Photo (
    id          BINARY(16)   NOT NULL PRIMARY KEY,
    album_id    BINARY(16)   NOT NULL,
    owner_id    BINARY(16)   NOT NULL,
    state       TINYINT      NOT NULL,
    bytes       BIGINT       NOT NULL,
    deadline    BIGINT,
    version     BIGINT       NOT NULL,
    created_at  BIGINT       NOT NULL,
    updated_at  BIGINT       NOT NULL,
    taken_order BIGINT       NOT NULL,
    fingerprint BINARY(32),
    title       VARCHAR(200) NOT NULL DEFAULT '',
    description TEXT         NOT NULL DEFAULT (''),
    tags        TEXT         NOT NULL DEFAULT ('[]'),
    file_name   VARCHAR(200) NOT NULL DEFAULT '',
    image       MEDIUMBLOB,
    objects     BLOB,
    exif        MEDIUMTEXT,
    CONSTRAINT Photo_of_album FOREIGN KEY (album_id) REFERENCES Album (id),
    CONSTRAINT Photo_of_owner FOREIGN KEY (owner_id) REFERENCES User (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
