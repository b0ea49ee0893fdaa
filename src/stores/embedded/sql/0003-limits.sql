-- Limits of what the admin API made: the JSON object of the level's `limits:`, as the config would spell it. NULL: none.
ALTER TABLE entities ADD COLUMN limits TEXT;
ALTER TABLE api_keys ADD COLUMN limits TEXT;
