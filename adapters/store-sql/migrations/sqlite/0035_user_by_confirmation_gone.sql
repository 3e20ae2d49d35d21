DROP INDEX User_by_confirmation;
