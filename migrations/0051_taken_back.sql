-- Money in the books that M-PESA does not know, or has given back itself: two officials take its entry back.

CREATE TABLE take_backs (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    receipt         text NOT NULL REFERENCES receipts,
    why             text NOT NULL CHECK (why IN ('unknown', 'returned')),
    -- M-PESA's name of the way back
    return_receipt  text,
    -- whose it is in the books; nobody's lies in suspense
    chama_id        bigint REFERENCES chamas,
    member_id       bigint REFERENCES chama_members,
    state           text NOT NULL CHECK (state IN ('asked', 'approved', 'done', 'refused', 'void')),
    asked_by        bigint NOT NULL REFERENCES users,
    asked_at        timestamptz NOT NULL,
    decided_by      bigint REFERENCES users CHECK (decided_by <> asked_by),
    decided_at      timestamptz,
    done_at         timestamptz,
    due_at          timestamptz,
    -- why it could not be booked yet, for people
    failure         text,
    book_id         bigint,
    seq             bigint,
    CHECK (why = 'returned' OR return_receipt IS NULL),
    CHECK ((member_id IS NULL) = (chama_id IS NULL)),
    CHECK (state NOT IN ('approved', 'done') OR decided_by IS NOT NULL),
    CHECK ((state = 'done') = (seq IS NOT NULL) AND (seq IS NULL) = (book_id IS NULL) AND (seq IS NULL) = (done_at IS NULL))
);
-- Money is taken back once.
CREATE UNIQUE INDEX take_backs_one_open ON take_backs (receipt) WHERE state IN ('asked', 'approved', 'done');
CREATE INDEX take_backs_due ON take_backs (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX take_backs_by_receipt ON take_backs (receipt, id);
CREATE INDEX take_backs_by_chama ON take_backs (chama_id, id) WHERE chama_id IS NOT NULL;

SELECT protect_rows('take_backs', $$chama_id = ANY ((SELECT own_chamas())::bigint[]) OR (SELECT is_operator())$$,
    $$chama_id = ANY ((SELECT own_chamas())::bigint[]) OR (SELECT is_operator())$$);
SELECT audit_all('take_backs', '{id}');

DO $$
BEGIN
    IF NOT roles_at_hand() THEN
        RETURN;
    END IF;
    GRANT SELECT, INSERT ON take_backs TO pesachama_web;
    GRANT UPDATE (state, decided_by, decided_at, due_at) ON take_backs TO pesachama_web;
    GRANT SELECT, INSERT, UPDATE ON take_backs TO pesachama_worker;
END
$$;
