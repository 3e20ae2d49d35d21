CREATE INDEX Job_by_user ON Job (user_id);
