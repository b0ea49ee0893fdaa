-- Why an exchange went where it went, as JSON, with its last record (decision of usageRecordColumns).
ALTER TABLE usage_records ADD COLUMN decision TEXT;

-- Tags that a target must have to serve an owner's calls: a JSON list. NULL: none of its own.
ALTER TABLE entities ADD COLUMN require TEXT;
ALTER TABLE api_keys ADD COLUMN require TEXT;
