-- What providers keep for organisations: answers and their parts, files, batches, caches. Nobody else may name it.
CREATE TABLE kept_state (
  id            TEXT PRIMARY KEY, -- as the provider names it
  kind          TEXT NOT NULL,
  organisation  TEXT NOT NULL,
  provider      TEXT NOT NULL,
  credential_id TEXT NOT NULL,
  kept_at_ms    INTEGER NOT NULL,
  model         TEXT,             -- as its maker named it; NULL: it is for none
  open          TEXT              -- JSON: what is still to be settled of it; NULL: nothing
) STRICT, WITHOUT ROWID;

CREATE INDEX kept_state_listed ON kept_state (organisation, kind, kept_at_ms DESC, id DESC) WHERE kind <> 'answer';
CREATE INDEX kept_state_answers ON kept_state (kept_at_ms) WHERE kind = 'answer';
