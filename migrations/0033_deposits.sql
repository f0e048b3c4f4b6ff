-- What members leave with their group before it starts; what chamas/ writes.

ALTER TABLE chamas
    ADD COLUMN deposit_cents bigint NOT NULL DEFAULT 0 CHECK (deposit_cents >= 0 AND deposit_cents % 100 = 0);

-- A member's deposit, written down when the first of it comes. Who left and came back has had several, one at a time.
CREATE TABLE deposits (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chama_id     bigint NOT NULL REFERENCES chamas,
    member_id    bigint NOT NULL REFERENCES chama_members,
    due_cents    bigint NOT NULL CHECK (due_cents > 0),
    paid_cents   bigint NOT NULL DEFAULT 0 CHECK (paid_cents BETWEEN 0 AND due_cents),
    state        text NOT NULL CHECK (state IN ('pending', 'paid', 'confirmed', 'forfeited', 'refunded')),
    created_at   timestamptz NOT NULL
);
CREATE UNIQUE INDEX deposits_one_open ON deposits (member_id) WHERE state IN ('pending', 'paid', 'confirmed');
CREATE INDEX deposits_by_chama ON deposits (chama_id, id);
CREATE INDEX deposits_to_confirm ON deposits (id) WHERE state = 'paid';

-- Money of an entry is shared over a contribution, a deposit, or neither: her credit. What is taken back is negative.
ALTER TABLE allocations
    ADD COLUMN deposit_id bigint REFERENCES deposits,
    ADD CHECK (num_nonnulls(contribution_id, deposit_id) <= 1),
    DROP CONSTRAINT allocations_amount_cents_check,
    ADD CONSTRAINT allocations_amount_cents_check CHECK (amount_cents <> 0);
CREATE INDEX allocations_by_deposit ON allocations (deposit_id) WHERE deposit_id IS NOT NULL;
DROP INDEX allocations_of_credit;
CREATE INDEX allocations_of_credit ON allocations (member_id) WHERE contribution_id IS NULL AND deposit_id IS NULL;

SELECT audit_columns('deposits', '{id}', '{chama_id,member_id,due_cents,created_at}');
CREATE TRIGGER audited_states AFTER UPDATE ON deposits REFERENCING OLD TABLE AS rows_before NEW TABLE AS rows_now
    FOR EACH STATEMENT EXECUTE FUNCTION audit_states();
SELECT protect_rows('deposits', $$chama_id = ANY ((SELECT own_chamas())::bigint[]) OR (SELECT is_operator())$$, NULL);
-- Whether all deposits are in is asked at the door of a chama, as how full it is.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_web') THEN
        GRANT SELECT ON deposits TO pesachama_web;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_worker') THEN
        GRANT SELECT, INSERT, UPDATE ON deposits TO pesachama_worker;
    END IF;
END
$$;
