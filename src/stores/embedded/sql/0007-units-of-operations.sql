-- What operations other than chats count: searches through documents, pictures made, seconds of sound heard, characters spoken.
ALTER TABLE usage_records ADD COLUMN searches INTEGER NOT NULL DEFAULT 0;
ALTER TABLE usage_records ADD COLUMN images INTEGER NOT NULL DEFAULT 0;
ALTER TABLE usage_records ADD COLUMN audio_seconds INTEGER NOT NULL DEFAULT 0;
ALTER TABLE usage_records ADD COLUMN characters INTEGER NOT NULL DEFAULT 0;
