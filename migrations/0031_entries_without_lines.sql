-- Who would end a page that holds nothing, in a set with others, was answered with a failure of the database instead of
-- 'not_a_hold': such an entry has no lines, and the loop over none of them had no upper bound.
CREATE OR REPLACE FUNCTION entry_body(
    version integer, kind text, occurred_at timestamptz, recorded_at timestamptz, about_season integer, actor_id bigint,
    reverses_seq bigint, expires_at timestamptz, resolves_seq bigint, resolution text, commitment bytea,
    account_ids bigint[], amounts_cents bigint[], phases text[]) RETURNS bytea
LANGUAGE plpgsql STABLE AS $$
DECLARE
    body bytea;
BEGIN
    IF account_ids IS NULL THEN
        RETURN NULL;
    END IF;
    IF version = 1 THEN
        RETURN preimage_field(convert_to(kind, 'UTF8')) || preimage_instant(occurred_at) || preimage_instant(recorded_at)
            || preimage_number(about_season) || preimage_number(actor_id) || preimage_number(reverses_seq)
            || preimage_field(commitment) || preimage_number(cardinality(account_ids))
            || (SELECT string_agg(preimage_number(l.account_id) || preimage_number(l.amount_cents), ''::bytea ORDER BY l.line)
                FROM unnest(account_ids, amounts_cents) WITH ORDINALITY AS l (account_id, amount_cents, line));
    END IF;
    body := preimage_field(convert_to(kind, 'UTF8')) || preimage_instant(occurred_at) || preimage_instant(recorded_at)
        || COALESCE(preimage_instant(expires_at), '\xffffffff'::bytea)
        || preimage_number(about_season) || preimage_number(actor_id) || preimage_number(reverses_seq)
        || preimage_number(resolves_seq) || preimage_field(convert_to(resolution, 'UTF8'))
        || preimage_field(commitment) || preimage_number(cardinality(account_ids));
    IF cardinality(account_ids) > 8 THEN
        RETURN body || (
            SELECT string_agg(preimage_number(l.account_id) || preimage_number(l.amount_cents)
                || preimage_field(convert_to(l.phase, 'UTF8')), ''::bytea ORDER BY l.line)
            FROM unnest(account_ids, amounts_cents, phases) WITH ORDINALITY AS l (account_id, amount_cents, phase, line));
    END IF;
    FOR line IN 1 .. cardinality(account_ids) LOOP
        body := body || preimage_number(account_ids[line]) || preimage_number(amounts_cents[line])
            || preimage_field(convert_to(phases[line], 'UTF8'));
    END LOOP;
    RETURN body;
END
$$;
