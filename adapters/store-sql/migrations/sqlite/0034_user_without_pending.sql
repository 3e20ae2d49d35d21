-- They are registrations now. Nobody has logged in to one, so that nothing refers to them.
DELETE FROM User WHERE confirmed_at IS NULL AND deleting = 0;
