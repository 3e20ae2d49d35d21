-- Terms begin with their field from now on, which programs of the formats before must neither write nor miss: a
-- character, U+0001, and up to 100 characters.
ALTER TABLE Posting MODIFY term VARBINARY(402) NOT NULL;
