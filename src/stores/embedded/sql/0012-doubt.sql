-- Of what is posted in an account, that of attempts whose end nobody knows: their records say that it is the most they can have come to.
ALTER TABLE budget_accounts ADD COLUMN unknown INTEGER NOT NULL DEFAULT 0;

UPDATE budget_accounts SET unknown = doubts.amount
FROM (
  SELECT account_id, sum(amount) AS amount FROM (
    SELECT p.value ->> 0 AS account_id, CAST(p.value ->> 1 AS INTEGER) AS amount
    FROM usage_records, json_each(usage_records.postings) AS p WHERE usage_source = 'worst_case'
    UNION ALL
    SELECT account_id, amount FROM ledger_entries JOIN usage_records USING (request_id, attempt)
    WHERE kind IN ('rerate', 'batch') AND account_id IS NOT NULL AND usage_source = 'worst_case'
  ) GROUP BY account_id
) AS doubts
WHERE budget_accounts.account_id = doubts.account_id;
