-- Jobs of before get the class of their kind.
UPDATE Job SET class = CASE
    WHEN kind IN ('purge_photo', 'purge_album', 'purge_account') THEN 0
    WHEN kind IN ('send_mail', 'answer_request') THEN 1
    WHEN kind IN ('reprocess', 'reprocess_account', 'remove_renditions') THEN 2
    ELSE 3
END;
