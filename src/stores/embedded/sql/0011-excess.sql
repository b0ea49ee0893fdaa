-- By how much an attempt came to more than was set aside for it, as a JSON list like its postings. NULL: in no budget, or nobody noted it.
ALTER TABLE usage_records ADD COLUMN excess TEXT;
