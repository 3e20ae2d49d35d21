-- How far the upgrades of records have come that a release before has written.
CREATE TABLE Upgrade (
    number   INTEGER NOT NULL PRIMARY KEY,
    progress TEXT    NOT NULL
) STRICT;
