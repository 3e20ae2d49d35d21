-- Search: which album (`kind` 0) or photo (`kind` 1) of an owner has a term. No foreign key: a target is either.
CREATE TABLE Posting (
    owner_id BLOB    NOT NULL,
    kind     INTEGER NOT NULL,
    term     TEXT    NOT NULL,
    target   BLOB    NOT NULL,
    PRIMARY KEY (owner_id, kind, term, target)
) STRICT, WITHOUT ROWID;
