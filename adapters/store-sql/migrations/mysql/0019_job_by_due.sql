-- The job that is due next.
CREATE INDEX Job_by_due ON Job (dormant, due_at, id);
