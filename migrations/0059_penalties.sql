-- Fines for late contributions, their waivers and disputes; what chamas/ writes.

ALTER TABLE rounds
    -- when it is looked at who was late; NULL: not closed, or done. What closed before this is nobody's fault.
    ADD COLUMN fines_due_at timestamptz;
CREATE INDEX rounds_fines_due ON rounds (fines_due_at) WHERE fines_due_at IS NOT NULL;

CREATE TABLE penalties (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chama_id         bigint NOT NULL REFERENCES chamas,
    member_id        bigint NOT NULL REFERENCES chama_members,
    round_id         bigint NOT NULL REFERENCES rounds,
    -- the cause, which is fined once
    contribution_id  bigint NOT NULL UNIQUE REFERENCES contributions,
    -- 0 when the cap of the rules was reached
    due_cents        bigint NOT NULL CHECK (due_cents >= 0 AND due_cents % 100 = 0),
    -- of her money set aside for it, and of that already moved to the group's own account
    paid_cents       bigint NOT NULL DEFAULT 0 CHECK (paid_cents BETWEEN 0 AND due_cents),
    booked_cents     bigint NOT NULL DEFAULT 0 CHECK (booked_cents BETWEEN 0 AND paid_cents),
    state            text NOT NULL CHECK (state IN ('due', 'disputed', 'paid', 'waived')),
    late_at          timestamptz NOT NULL,
    assessed_at      timestamptz NOT NULL,
    -- until proof that she paid in time can come
    look_at          timestamptz,
    disputed_at      timestamptz,
    -- who asks to waive it, and why (numbered); NULL after an answer
    waive_asked_by   bigint REFERENCES chama_members,
    waive_reason     smallint CHECK (waive_reason BETWEEN 1 AND 4),
    ended_at         timestamptz,
    CHECK ((waive_asked_by IS NULL) = (waive_reason IS NULL))
);
CREATE INDEX penalties_due ON penalties (member_id) WHERE state = 'due';
CREATE INDEX penalties_by_chama ON penalties (chama_id, id);
CREATE INDEX penalties_to_book ON penalties (id) WHERE paid_cents > booked_cents OR state = 'waived' AND paid_cents > 0;
CREATE INDEX penalties_to_look_at ON penalties (look_at) WHERE look_at IS NOT NULL;

-- Money of an entry can be set aside for a fine; what moves on to the group's own account is negative.
ALTER TABLE allocations
    ADD COLUMN penalty_id bigint REFERENCES penalties,
    ADD CHECK (num_nonnulls(contribution_id, deposit_id, penalty_id) <= 1);
CREATE INDEX allocations_by_penalty ON allocations (penalty_id) WHERE penalty_id IS NOT NULL;
DROP INDEX allocations_of_credit;
CREATE INDEX allocations_of_credit ON allocations (member_id)
    WHERE contribution_id IS NULL AND deposit_id IS NULL AND penalty_id IS NULL;

SELECT audit_all('penalties', '{id}');
SELECT protect_rows('penalties', $$chama_id = ANY ((SELECT own_chamas())::bigint[]) OR (SELECT is_operator())$$, NULL);

DO $$
BEGIN
    IF NOT roles_at_hand() THEN
        RETURN;
    END IF;
    GRANT SELECT, INSERT, UPDATE ON penalties TO pesachama_worker;
    GRANT SELECT ON penalties TO pesachama_web;
    -- Cash that she confirms pays fines like any money; she disputes, and officials waive.
    GRANT UPDATE (paid_cents, state, disputed_at, waive_asked_by, waive_reason, ended_at) ON penalties TO pesachama_web;
    CREATE POLICY web_changes ON penalties FOR UPDATE TO pesachama_web
        USING (chama_id = ANY ((SELECT own_chamas())::bigint[]))
        WITH CHECK (chama_id = ANY ((SELECT own_chamas())::bigint[]));
END
$$;
