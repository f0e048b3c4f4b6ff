-- Meetings: when a group meets, who comes, what each gives there in cash, and what was counted (chamas/meetings.py).

CREATE TABLE meetings (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chama_id      bigint NOT NULL REFERENCES chamas,
    number        integer NOT NULL CHECK (number > 0),
    state         text NOT NULL CHECK (state IN ('scheduled', 'in_progress', 'completed', 'cancelled')),
    starts_at     timestamptz NOT NULL,
    -- Of a series: when its first meeting was. The next is counted from it, so that no day slips.
    anchor_at     timestamptz,
    called_by     bigint NOT NULL REFERENCES users,
    called_at     timestamptz NOT NULL,
    -- when members are reminded; NULL: they were, or need not be
    remind_at     timestamptz,
    begun_at      timestamptz,
    ended_at      timestamptz,
    -- the closing count of the cash box
    assertion_id  bigint REFERENCES balance_assertions,
    CHECK ((state IN ('completed', 'cancelled')) = (ended_at IS NOT NULL)),
    UNIQUE (chama_id, number)
);
-- One is ahead or on at a time.
CREATE UNIQUE INDEX meetings_one_ahead ON meetings (chama_id) WHERE state IN ('scheduled', 'in_progress');
CREATE INDEX meetings_to_remind ON meetings (remind_at) WHERE remind_at IS NOT NULL;

-- What a member said before a meeting, and what an official marked in it.
CREATE TABLE attendance (
    meeting_id  bigint NOT NULL REFERENCES meetings,
    member_id   bigint NOT NULL REFERENCES chama_members,
    reply       text CHECK (reply IN ('coming', 'apology')),
    replied_at  timestamptz,
    here        boolean,
    cash_cents  bigint NOT NULL DEFAULT 0 CHECK (cash_cents >= 0),
    fine_cents  bigint NOT NULL DEFAULT 0 CHECK (fine_cents >= 0),
    marked_by   bigint REFERENCES users,
    marked_at   timestamptz,
    CHECK (here OR cash_cents + fine_cents = 0),
    PRIMARY KEY (meeting_id, member_id)
);

-- Cash of a meeting is in the books as soon as the box is counted, and hers when she has said the same.
ALTER TABLE cash_claims ADD COLUMN meeting_id bigint REFERENCES meetings,
    ADD COLUMN fine_cents bigint NOT NULL DEFAULT 0 CHECK (fine_cents >= 0 AND fine_cents <= amount_cents),
    ADD COLUMN held_seq bigint;
CREATE INDEX cash_claims_by_meeting ON cash_claims (meeting_id) WHERE meeting_id IS NOT NULL;

SELECT audit_all('meetings', '{id}');
SELECT audit_all('attendance', '{meeting_id,member_id}');
SELECT protect_rows('meetings', $$chama_id = ANY ((SELECT own_chamas())::bigint[]) OR (SELECT is_operator())$$,
    $$chama_id = ANY ((SELECT own_chamas())::bigint[]) OR (SELECT is_operator())$$);
SELECT protect_rows('attendance', $$member_id = ANY ((SELECT fellow_members())::bigint[]) OR (SELECT is_operator())$$,
    $$member_id = ANY ((SELECT fellow_members())::bigint[]) OR (SELECT is_operator())$$);

DO $$
BEGIN
    IF NOT roles_at_hand() THEN
        RETURN;
    END IF;
    GRANT SELECT, INSERT, UPDATE ON meetings, attendance TO pesachama_web, pesachama_worker;
    GRANT UPDATE (held_seq) ON cash_claims TO pesachama_web;
    -- An official counts the box on her phone.
    GRANT EXECUTE ON FUNCTION assert_balance TO pesachama_web;
    -- An admin writes down a meeting for officials who ask her.
    CREATE POLICY web_operator_adds ON cash_claims FOR INSERT TO pesachama_web WITH CHECK ((SELECT is_operator()));
    CREATE POLICY web_operator_changes ON cash_claims FOR UPDATE TO pesachama_web USING ((SELECT is_operator()))
        WITH CHECK ((SELECT is_operator()));
END
$$;
