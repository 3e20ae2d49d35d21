-- For the sweeper.
CREATE INDEX Registration_by_time ON Registration (created_at);
