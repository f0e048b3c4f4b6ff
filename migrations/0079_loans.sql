-- Loans out of a group's own money: what was lent, its instalments, and the money that pays them; what chamas/ writes.

ALTER TABLE disbursement_requests
    DROP CONSTRAINT disbursement_requests_purpose_check,
    ADD CONSTRAINT disbursement_requests_purpose_check CHECK (purpose IN ('round', 'welfare', 'expense', 'loan')),
    ADD COLUMN loan_months smallint CHECK (loan_months BETWEEN 1 AND 24),
    ADD CONSTRAINT disbursement_requests_loan_has_months CHECK ((purpose = 'loan') = (loan_months IS NOT NULL));
-- A member asks for one loan at a time.
CREATE UNIQUE INDEX disbursement_requests_one_loan ON disbursement_requests (payee_member_id)
    WHERE purpose = 'loan' AND state IN ('pending', 'approved', 'sending', 'unclear');

CREATE TABLE loans (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chama_id      bigint NOT NULL REFERENCES chamas,
    member_id     bigint NOT NULL REFERENCES chama_members,
    request_id    bigint NOT NULL UNIQUE REFERENCES disbursement_requests,
    -- the version whose interest, fine and order this loan keeps
    rule_set_id   bigint NOT NULL REFERENCES rule_sets,
    amount_cents  bigint NOT NULL CHECK (amount_cents > 0),
    months        smallint NOT NULL CHECK (months BETWEEN 1 AND 24),
    state         text NOT NULL CHECK (state IN ('running', 'repaid', 'lost')),
    lent_at       timestamptz NOT NULL,
    ended_at      timestamptz
);
CREATE INDEX loans_by_chama ON loans (chama_id, id);
CREATE INDEX loans_by_member ON loans (member_id);
CREATE INDEX loans_running ON loans (id) WHERE state = 'running';

CREATE TABLE instalments (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    loan_id          bigint NOT NULL REFERENCES loans,
    chama_id         bigint NOT NULL REFERENCES chamas,
    member_id        bigint NOT NULL REFERENCES chama_members,
    number           smallint NOT NULL CHECK (number > 0),
    principal_cents  bigint NOT NULL CHECK (principal_cents >= 0),
    interest_cents   bigint NOT NULL CHECK (interest_cents >= 0),
    -- its month begins, it is asked for, and its last day ends
    begins_at        timestamptz NOT NULL,
    opens_at         timestamptz NOT NULL,
    due_at           timestamptz NOT NULL,
    -- interest that is not asked for, because all was repaid before its month began; and what the group gave up
    lapsed_cents     bigint NOT NULL DEFAULT 0 CHECK (lapsed_cents BETWEEN 0 AND interest_cents),
    lost_cents       bigint NOT NULL DEFAULT 0 CHECK (lost_cents >= 0),
    -- of her money set aside for it, and of that already moved to the group's own accounts
    paid_cents       bigint NOT NULL DEFAULT 0,
    booked_cents     bigint NOT NULL DEFAULT 0 CHECK (booked_cents BETWEEN 0 AND paid_cents),
    state            text NOT NULL CHECK (state IN ('planned', 'begun', 'due', 'late', 'paid', 'lost')),
    -- when the worker looks at it next; NULL: nothing of it comes with the calendar any more
    look_at          timestamptz,
    UNIQUE (loan_id, number),
    CHECK (paid_cents BETWEEN 0 AND principal_cents + interest_cents - lapsed_cents - lost_cents)
);
CREATE INDEX instalments_owed ON instalments (member_id) WHERE state IN ('planned', 'begun', 'due', 'late');
CREATE INDEX instalments_to_look_at ON instalments (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX instalments_to_book ON instalments (id) WHERE paid_cents > booked_cents;

-- Money of an entry can be set aside for an instalment; what moves on to the group's own accounts is negative.
ALTER TABLE allocations
    ADD COLUMN instalment_id bigint REFERENCES instalments,
    ADD CONSTRAINT allocations_one_purpose
        CHECK (num_nonnulls(contribution_id, deposit_id, penalty_id, instalment_id) <= 1);
CREATE INDEX allocations_by_instalment ON allocations (instalment_id) WHERE instalment_id IS NOT NULL;
DROP INDEX allocations_of_credit;
CREATE INDEX allocations_of_credit ON allocations (member_id)
    WHERE contribution_id IS NULL AND deposit_id IS NULL AND penalty_id IS NULL AND instalment_id IS NULL;

-- A late instalment is fined like a late contribution.
ALTER TABLE penalties
    ADD COLUMN instalment_id bigint UNIQUE REFERENCES instalments,
    DROP CONSTRAINT penalties_check3,
    ADD CONSTRAINT penalties_one_cause CHECK (num_nonnulls(contribution_id, cash_claim_id, instalment_id) = 1);

-- She pays her loan by a prompt of its own purpose, before its parts are asked for if she likes.
ALTER TABLE payment_intents DROP CONSTRAINT payment_intents_purpose_check,
    ADD CONSTRAINT payment_intents_purpose_check
        CHECK (purpose IN ('contribution', 'deposit', 'penalty', 'banking', 'loan'));

SELECT audit_all('loans', '{id}');
SELECT audit_all('instalments', '{id}');
SELECT protect_rows('loans', $$chama_id = ANY ((SELECT own_chamas())::bigint[]) OR (SELECT is_operator())$$, NULL);
SELECT protect_rows('instalments', $$chama_id = ANY ((SELECT own_chamas())::bigint[]) OR (SELECT is_operator())$$, NULL);

DO $$
BEGIN
    IF NOT roles_at_hand() THEN
        RETURN;
    END IF;
    GRANT SELECT, INSERT, UPDATE ON loans, instalments TO pesachama_worker;
    GRANT SELECT ON loans, instalments TO pesachama_web;
    -- Cash that she confirms pays an instalment like any money.
    GRANT UPDATE (paid_cents, state) ON instalments TO pesachama_web;
    CREATE POLICY web_changes ON instalments FOR UPDATE TO pesachama_web
        USING (chama_id = ANY ((SELECT own_chamas())::bigint[]))
        WITH CHECK (chama_id = ANY ((SELECT own_chamas())::bigint[]));
END
$$;
