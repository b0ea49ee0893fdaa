-- What a key was made to live, in milliseconds; NULL: it was made to last. Rotation brings expires_at_ms forward, and leaves this alone.
-- Of older keys it is what they have. Those that were rotated already have lost some of it, and end within 30 days.
ALTER TABLE api_keys ADD COLUMN lifetime_ms INTEGER;
UPDATE api_keys SET lifetime_ms = expires_at_ms - created_at_ms;
