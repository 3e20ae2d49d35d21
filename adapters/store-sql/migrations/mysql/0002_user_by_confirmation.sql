-- Finds the accounts that nobody confirmed in time.
CREATE INDEX User_by_confirmation ON User (confirmed_at, created_at);
