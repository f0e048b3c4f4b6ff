-- A member's place goes to somebody else (chamas/substitution.py): who was invited to it, and what both were told.

ALTER TABLE motions
    ADD COLUMN invitation_id  bigint REFERENCES invitations,
    -- what the place has paid in and got when it was offered, and what it owed for rounds that were over and in fines
    ADD COLUMN paid_in_cents  bigint CHECK (paid_in_cents >= 0),
    ADD COLUMN received_cents bigint CHECK (received_cents >= 0),
    ADD COLUMN owed_cents     bigint CHECK (owed_cents >= 0),
    -- when the worker counted the answer of who was invited
    ADD COLUMN taker_at       timestamptz,
    DROP CONSTRAINT motions_check,
    ADD CONSTRAINT motions_has_a_way CHECK (
        (kind IN ('exit', 'substitution')) = (how IS NOT NULL AND cycle IS NOT NULL)),
    ADD CONSTRAINT motions_offers_a_place CHECK (CASE WHEN kind = 'substitution'
        THEN num_nonnulls(other_id, invitation_id, paid_in_cents, received_cents, owed_cents) = 5
        ELSE num_nonnulls(invitation_id, paid_in_cents, received_cents, owed_cents) = 0 END);
-- Who has answered, and whose answer nobody has counted yet, is found by the invitation.
CREATE UNIQUE INDEX motions_by_invitation ON motions (invitation_id) WHERE invitation_id IS NOT NULL;
-- A person takes over one place of a group at a time, and nobody's twice.
CREATE UNIQUE INDEX motions_one_taker ON motions (other_id)
    WHERE kind = 'substitution' AND state IN ('asked', 'going', 'done');

DO $$
BEGIN
    IF roles_at_hand() THEN
        -- Who is invited to a place is in no group yet: she sees what she is asked in the office (chamas/office.py).
        CREATE POLICY web_office_looks ON motions FOR SELECT TO pesachama_web USING ((SELECT acting('office')));
    END IF;
END
$$;
