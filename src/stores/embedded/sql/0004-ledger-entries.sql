-- What the ledger learnt after a record was written, or besides the records: re-rated costs, and later grants and corrections.
-- Entries are appended. The triggers hold every program to it that opens the file, not only this one.
CREATE TABLE ledger_entries (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms      INTEGER NOT NULL,
  kind       TEXT NOT NULL,
  request_id TEXT,             -- with attempt: of which record
  attempt    INTEGER,
  account_id TEXT,             -- NULL: of the record's own cost
  amount     INTEGER NOT NULL, -- nano-dollars, or the unit of the account
  detail     TEXT NOT NULL,    -- JSON
  actor      TEXT NOT NULL
) STRICT;

CREATE INDEX ledger_entries_by_record ON ledger_entries (request_id, attempt) WHERE request_id IS NOT NULL;
CREATE INDEX ledger_entries_by_account ON ledger_entries (account_id) WHERE account_id IS NOT NULL;

CREATE TRIGGER ledger_entries_stay_as_they_are BEFORE UPDATE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'entries of the ledger are never edited'); END;

CREATE TRIGGER ledger_entries_stay BEFORE DELETE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'entries of the ledger are never removed'); END;
