-- What people are told of their budgets. A threshold of an account is told once, whatever is restarted.
CREATE TABLE alerts (
  id         TEXT PRIMARY KEY,
  at_ms      INTEGER NOT NULL,
  account_id TEXT NOT NULL,
  percent    REAL,         -- of the cap; NULL: it is no threshold
  body       TEXT NOT NULL -- JSON, as it is sent
) STRICT;

CREATE UNIQUE INDEX alerts_once ON alerts (account_id, percent) WHERE percent IS NOT NULL;

CREATE TABLE alert_deliveries (
  alert_id  TEXT NOT NULL REFERENCES alerts (id),
  receiver  TEXT NOT NULL,    -- as the config names it
  due_at_ms INTEGER,          -- NULL: it is over
  attempts  INTEGER NOT NULL,
  outcome   TEXT,             -- of the last attempt
  PRIMARY KEY (alert_id, receiver)
) STRICT, WITHOUT ROWID;

CREATE INDEX alert_deliveries_due ON alert_deliveries (due_at_ms) WHERE due_at_ms IS NOT NULL;
