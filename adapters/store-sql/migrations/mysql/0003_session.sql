-- Log-ins that have not ended.
CREATE TABLE Session (
    id           BINARY(16)   NOT NULL PRIMARY KEY,
    user_id      BINARY(16)   NOT NULL,
    created_at   BIGINT       NOT NULL,
    last_seen_at BIGINT       NOT NULL,
    ends_at      BIGINT       NOT NULL,
    user_agent   VARCHAR(200) NOT NULL,
    CONSTRAINT Session_of_user FOREIGN KEY (user_id) REFERENCES User (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
