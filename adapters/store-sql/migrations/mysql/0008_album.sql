-- Albums. `photo_count` counts ready photos; `bytes` is what the album adds to its owner's usage, reservations
-- included. `cover` has no foreign key: photos refer to albums, and the cover follows every change of a photo.
CREATE TABLE Album (
    id          BINARY(16)   NOT NULL PRIMARY KEY,
    owner_id    BINARY(16)   NOT NULL,
    deleting    TINYINT      NOT NULL DEFAULT 0,
    version     BIGINT       NOT NULL,
    created_at  BIGINT       NOT NULL,
    updated_at  BIGINT       NOT NULL,
    cover       BINARY(16),
    photo_count BIGINT       NOT NULL DEFAULT 0,
    bytes       BIGINT       NOT NULL DEFAULT 0,
    name        VARCHAR(200) NOT NULL,
    description TEXT         NOT NULL,
    CONSTRAINT Album_of_owner FOREIGN KEY (owner_id) REFERENCES User (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
