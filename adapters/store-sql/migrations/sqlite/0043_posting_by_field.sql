-- Terms begin with their field from now on, which programs of the formats before must neither write nor miss.
-- SQLite's columns have no length that would have to grow, so that nothing changes here.
UPDATE Posting SET term = term WHERE FALSE;
