-- Cash: what an official wrote down, and what the member says of it (chamas/cash.py).

CREATE TABLE cash_claims (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chama_id      bigint NOT NULL REFERENCES chamas,
    member_id     bigint NOT NULL REFERENCES chama_members,
    recorded_by   bigint NOT NULL REFERENCES users,
    amount_cents  bigint NOT NULL CHECK (amount_cents > 0),
    said_cents    bigint CHECK (said_cents >= 0),
    state         text NOT NULL CHECK (state IN ('recorded', 'confirmed', 'disputed', 'withdrawn')),
    recorded_at   timestamptz NOT NULL,
    answered_at   timestamptz,
    escalated_at  timestamptz,
    book_id       bigint,
    seq           bigint,
    -- It is money when both said the same, and then it stands in the books.
    CHECK ((state = 'confirmed') = (seq IS NOT NULL AND book_id IS NOT NULL)),
    CHECK (state <> 'confirmed' OR said_cents = amount_cents),
    CHECK (state <> 'disputed' OR said_cents <> amount_cents),
    UNIQUE (book_id, seq)
);
CREATE INDEX cash_claims_by_chama ON cash_claims (chama_id, id);
CREATE INDEX cash_claims_unconfirmed ON cash_claims (member_id) WHERE state = 'recorded';

SELECT audit_all('cash_claims', '{id}');
SELECT protect_rows('cash_claims', $$chama_id = ANY ((SELECT own_chamas())::bigint[]) OR (SELECT is_operator())$$,
    $$chama_id = ANY ((SELECT own_chamas())::bigint[])$$);

DO $$
BEGIN
    IF NOT roles_at_hand() THEN
        RETURN;
    END IF;
    GRANT SELECT, INSERT, UPDATE ON cash_claims TO pesachama_worker;
    GRANT SELECT, INSERT ON cash_claims TO pesachama_web;
    GRANT UPDATE (state, said_cents, answered_at, book_id, seq) ON cash_claims TO pesachama_web;
    -- The member books her cash by her own word: the entry goes to her own book as before, and now also what it pays.
    GRANT INSERT ON allocations TO pesachama_web;
    GRANT UPDATE (paid_cents, state) ON contributions TO pesachama_web;
    CREATE POLICY web_adds ON allocations FOR INSERT TO pesachama_web
        WITH CHECK (book_id = ANY ((SELECT own_books())::bigint[]));
    CREATE POLICY web_changes ON contributions FOR UPDATE TO pesachama_web
        USING (member_id = ANY ((SELECT fellow_members())::bigint[]))
        WITH CHECK (member_id = ANY ((SELECT fellow_members())::bigint[]));
END
$$;
