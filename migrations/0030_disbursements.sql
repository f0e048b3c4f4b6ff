-- Requests to pay money of a group out, and what its members say to them; what chamas/ writes.

CREATE TABLE disbursement_requests (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chama_id         bigint NOT NULL REFERENCES chamas,
    shortcode_id     bigint NOT NULL REFERENCES shortcodes,
    payee_member_id  bigint NOT NULL REFERENCES chama_members,
    asked_by         bigint NOT NULL REFERENCES chama_members,
    round_id         bigint REFERENCES rounds,
    amount_cents     bigint NOT NULL CHECK (amount_cents > 0),
    charge_cents     bigint NOT NULL CHECK (charge_cents >= 0),
    -- where it goes; another number by the time it would leave voids the request
    phone            text NOT NULL,
    -- what exactly is approved: a yes names it
    digest           bytea NOT NULL CHECK (octet_length(digest) = 32),
    needed           integer NOT NULL CHECK (needed > 0),
    wait_seconds     integer NOT NULL CHECK (wait_seconds >= 0),
    state            text NOT NULL CHECK (state IN
                         ('pending', 'approved', 'rejected', 'sending', 'completed', 'failed', 'unclear')),
    reason           text,
    payout_id        bigint UNIQUE REFERENCES payouts,
    asked_at         timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL,
    not_before       timestamptz,
    closed_at        timestamptz,
    due_at           timestamptz,
    CHECK (state NOT IN ('approved', 'sending', 'completed', 'unclear') OR payout_id IS NOT NULL)
);
CREATE INDEX disbursement_requests_by_chama ON disbursement_requests (chama_id, id);
CREATE INDEX disbursement_requests_open ON disbursement_requests (id)
    WHERE state IN ('pending', 'approved', 'sending', 'unclear', 'failed');
-- A round is paid once.
CREATE UNIQUE INDEX disbursement_requests_one_a_round ON disbursement_requests (round_id)
    WHERE round_id IS NOT NULL AND state NOT IN ('rejected', 'failed');

-- What one member said to a request, once for each kind; never changed.
CREATE TABLE disbursement_votes (
    request_id  bigint NOT NULL REFERENCES disbursement_requests,
    member_id   bigint NOT NULL REFERENCES chama_members,
    vote        text NOT NULL CHECK (vote IN ('approve', 'reject', 'freeze')),
    digest      bytea NOT NULL,
    reason      smallint CHECK (reason BETWEEN 1 AND 4),
    voted_at    timestamptz NOT NULL,
    seen_at     timestamptz,
    PRIMARY KEY (request_id, member_id, vote),
    CHECK ((vote = 'reject') = (reason IS NOT NULL))
);
CREATE INDEX disbursement_votes_unseen ON disbursement_votes (request_id) WHERE seen_at IS NULL;

SELECT protect_rows('disbursement_requests', $$chama_id = ANY ((SELECT own_chamas())::bigint[]) OR (SELECT is_operator())
    OR (SELECT acting('house'))$$,
    $$chama_id = ANY ((SELECT own_chamas())::bigint[])
    AND (SELECT TRUE FROM chama_members m WHERE m.id = asked_by AND m.user_id = (SELECT acting_user()))$$);
SELECT protect_rows('disbursement_votes', $$member_id = ANY ((SELECT fellow_members())::bigint[]) OR (SELECT is_operator())$$,
    $$(SELECT TRUE FROM chama_members m WHERE m.id = member_id AND m.user_id = (SELECT acting_user()))$$);
SELECT audit_all('disbursement_requests', '{id}', NULL, '{}', '{phone}');
SELECT audit_all('disbursement_votes', '{request_id,member_id,vote}');

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_web') THEN
        GRANT SELECT, INSERT ON disbursement_requests, disbursement_votes TO pesachama_web;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_worker') THEN
        GRANT SELECT, INSERT, UPDATE ON disbursement_requests, disbursement_votes TO pesachama_worker;
    END IF;
END
$$;
