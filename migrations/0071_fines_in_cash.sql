-- A fine that is written beside cash at a meeting is a row like any other, so that she sees it and can dispute it.

ALTER TABLE penalties
    ALTER COLUMN contribution_id DROP NOT NULL,
    -- or the cash that it is a part of; what was confirmed before this has none
    ADD COLUMN cash_claim_id bigint UNIQUE REFERENCES cash_claims,
    ADD CHECK (num_nonnulls(contribution_id, cash_claim_id) = 1);

DO $$
BEGIN
    IF NOT roles_at_hand() THEN
        RETURN;
    END IF;
    -- It comes with the cash that she confirms on her phone.
    GRANT INSERT ON penalties TO pesachama_web;
    CREATE POLICY web_adds ON penalties FOR INSERT TO pesachama_web
        WITH CHECK (chama_id = ANY ((SELECT own_chamas())::bigint[]) AND cash_claim_id IS NOT NULL);
END
$$;
