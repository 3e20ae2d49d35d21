-- The job that is due next in a queue. Job_by_due stays for programs of before.
CREATE INDEX Job_by_queue ON Job (dormant, class, shard, due_at, id);
