-- How far the upgrades of records have come that a release before has written.
CREATE TABLE Upgrade (
    number   BIGINT      NOT NULL PRIMARY KEY,
    progress VARCHAR(64) NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
