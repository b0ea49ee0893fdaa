-- By how much an entry changes what is in doubt in its account. NULL: a Weir before wrote it, and it is in doubt as its record is.
ALTER TABLE ledger_entries ADD COLUMN doubt INTEGER;

-- Attempts whose end nobody knows, to be listed: few among many.
CREATE INDEX usage_records_in_doubt ON usage_records (started_at_ms, request_id, attempt) WHERE usage_source = 'worst_case';
