CREATE INDEX Session_by_user ON Session (user_id, id);
