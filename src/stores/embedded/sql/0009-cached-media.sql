-- What a prompt cache served of sounds and pictures. Before, cache_read had it all.
ALTER TABLE usage_records ADD COLUMN cache_read_audio INTEGER NOT NULL DEFAULT 0;
ALTER TABLE usage_records ADD COLUMN cache_read_image INTEGER NOT NULL DEFAULT 0;
