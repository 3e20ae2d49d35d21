-- Search: which album (`kind` 0) or photo (`kind` 1) of an owner has a term. No foreign key: a target is either.
-- A term has at most 40 characters, and is compared byte by byte.
CREATE TABLE Posting (
    owner_id BINARY(16)     NOT NULL,
    kind     TINYINT        NOT NULL,
    term     VARBINARY(160) NOT NULL,
    target   BINARY(16)     NOT NULL,
    PRIMARY KEY (owner_id, kind, term, target)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
