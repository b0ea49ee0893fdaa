-- Budgets of what the admin API made, as the config would spell them, and where the days of an organisation begin.
ALTER TABLE entities ADD COLUMN budgets TEXT;
ALTER TABLE entities ADD COLUMN timezone TEXT;
ALTER TABLE api_keys ADD COLUMN budgets TEXT;

-- A usage record is the entry of the ledger too: what it came to in every account it drew on, as a JSON list.
ALTER TABLE usage_records ADD COLUMN run_id TEXT;
ALTER TABLE usage_records ADD COLUMN postings TEXT;
ALTER TABLE usage_records ADD COLUMN capped_by TEXT;

-- What is spent in each account: the sum of the postings of records and of the entries that name it, kept beside them so that
-- nobody has to add them up. `weir ledger rebuild` makes it anew.
CREATE TABLE budget_accounts (
  account_id   TEXT PRIMARY KEY,
  posted       INTEGER NOT NULL, -- in the unit of the account; dollars in nano-dollars
  opened_at_ms INTEGER NOT NULL  -- the start of the first attempt that drew on it
) STRICT, WITHOUT ROWID;
