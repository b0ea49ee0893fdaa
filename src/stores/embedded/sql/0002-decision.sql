-- Why an exchange went where it went, as JSON, with its last record (decision of usageRecordColumns).
ALTER TABLE usage_records ADD COLUMN decision TEXT;
