-- Usage records, the spool's progress, the directory and the audit chain.
--
-- The columns of usage_records are those of usageRecordColumns (src/canonical/usage-record.ts), in its order; a test
-- compares them. STRICT: a value of the wrong type is refused, not converted.
CREATE TABLE usage_records (
  request_id          TEXT NOT NULL,
  attempt             INTEGER NOT NULL,
  started_at_ms       INTEGER NOT NULL,
  duration_ms         REAL NOT NULL,
  first_byte_ms       REAL,
  status              TEXT NOT NULL,
  error_kind          TEXT,
  failure_class       TEXT,
  reason              TEXT NOT NULL,
  http_status         INTEGER,
  endpoint            TEXT NOT NULL,
  operation           TEXT NOT NULL,
  is_stream           INTEGER NOT NULL,
  organisation        TEXT NOT NULL,
  team                TEXT,
  project             TEXT,
  user                TEXT,
  agent               TEXT,
  key_id              TEXT NOT NULL,
  metadata            TEXT NOT NULL,
  end_user            TEXT,
  requested_model     TEXT NOT NULL,
  catalog_model       TEXT,
  provider            TEXT,
  target_model        TEXT,
  response_model      TEXT,
  credential_id       TEXT,
  usage_source        TEXT NOT NULL,
  cost_nanos          INTEGER,
  price_version       TEXT,
  provider_cost_nanos INTEGER,
  config_version      TEXT NOT NULL,
  losses              TEXT,
  input_uncached      INTEGER NOT NULL,
  cache_read          INTEGER NOT NULL,
  cache_write5m       INTEGER NOT NULL,
  cache_write1h       INTEGER NOT NULL,
  cache_write_other   INTEGER NOT NULL,
  input_audio         INTEGER NOT NULL,
  input_image         INTEGER NOT NULL,
  output_text         INTEGER NOT NULL,
  output_reasoning    INTEGER NOT NULL,
  output_audio        INTEGER NOT NULL,
  output_image        INTEGER NOT NULL,
  web_searches        INTEGER NOT NULL,
  PRIMARY KEY (request_id, attempt)
) STRICT;

CREATE INDEX usage_records_by_start ON usage_records (started_at_ms);

-- How far each segment of the spool is in usage_records. Moved in the transaction that inserts its rows.
CREATE TABLE spool_cursors (
  owner_id     TEXT NOT NULL,
  sequence     INTEGER NOT NULL,
  offset_bytes INTEGER NOT NULL,
  PRIMARY KEY (owner_id, sequence)
) STRICT, WITHOUT ROWID;

-- A level that a kind does not have is '' and not NULL, since NULLs would not be equal in the primary key. There are no
-- foreign keys between owners: what the config file names is an owner too, and is not here.
CREATE TABLE entities (
  kind          TEXT NOT NULL CHECK (kind IN ('organisation', 'team', 'project', 'user', 'agent')),
  organisation  TEXT NOT NULL,
  team          TEXT NOT NULL,
  name          TEXT NOT NULL,
  models        TEXT,             -- JSON list; NULL: inherits
  created_at_ms INTEGER NOT NULL,
  PRIMARY KEY (kind, organisation, team, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE api_keys (
  id            TEXT NOT NULL PRIMARY KEY,
  name          TEXT NOT NULL,
  hash          TEXT NOT NULL,    -- HMAC-SHA-256 of the key, hex; the key is nowhere
  last4         TEXT,
  models        TEXT,             -- JSON list; NULL: inherits
  organisation  TEXT NOT NULL,
  team          TEXT,
  project       TEXT,
  user          TEXT,
  agent         TEXT,
  created_at_ms INTEGER NOT NULL,
  expires_at_ms INTEGER,
  revoked_at_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_entries (
  sequence      INTEGER NOT NULL PRIMARY KEY,
  previous_hash TEXT NOT NULL,
  at_ms         INTEGER NOT NULL,
  actor         TEXT NOT NULL,
  action        TEXT NOT NULL,
  target        TEXT NOT NULL,
  detail        TEXT NOT NULL,
  hash          TEXT NOT NULL
) STRICT;

-- Where the chain ends, so that entries cut from its end are missed.
CREATE TABLE audit_head (
  only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
  sequence INTEGER NOT NULL,
  hash     TEXT NOT NULL
) STRICT;

INSERT INTO audit_head (only_row, sequence, hash)
VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');
