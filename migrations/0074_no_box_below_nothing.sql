-- A cash box holds notes or nothing. New ones are opened with this floor (chamas/arriving/cash_box.py); one that is below
-- nothing already stays without it until cash comes in: the line of `pesachama verify` names it.

UPDATE accounts SET floor_cents = 0
WHERE code = 'cash' AND kind = 'asset' AND floor_cents IS NULL AND balance_cents - credits_pending_cents >= 0
  AND book_id IN (SELECT book_id FROM chamas);
