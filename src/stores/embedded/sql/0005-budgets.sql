-- Budgets of what the admin API made, as the config would spell them, and where the days of an organisation begin.
ALTER TABLE entities ADD COLUMN budgets TEXT;
ALTER TABLE entities ADD COLUMN timezone TEXT;
ALTER TABLE api_keys ADD COLUMN budgets TEXT;

-- A usage record is the entry of the ledger too: what it came to in every account it drew on, as a JSON list.
ALTER TABLE usage_records ADD COLUMN run_id TEXT;
ALTER TABLE usage_records ADD COLUMN postings TEXT;
ALTER TABLE usage_records ADD COLUMN capped_by TEXT;
