-- Posting in sets: the time an entry takes does not grow with its set any more. Only how post_entries keeps its lines is
-- another; what it does, and what it promises, is said in 0028_lighter_posting.sql.

CREATE OR REPLACE FUNCTION post_entries(
    p_scopes text[], p_keys text[], p_request_hashes bytea[], p_book_ids bigint[], p_kinds text[],
    p_occurred_ats timestamptz[], p_recorded_at timestamptz, p_about_seasons integer[], p_actor_ids bigint[],
    p_reverses_seqs bigint[], p_expires_ats timestamptz[], p_resolves_seqs bigint[], p_resolutions text[], p_bonds integer[],
    p_salts bytea[], p_notes jsonb[], p_commitments bytea[], p_codes text[],
    p_line_entries integer[], p_account_ids bigint[], p_amounts_cents bigint[]
) RETURNS SETOF posted_entry LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
-- Every plan is the same for one entry and for thousands, index by index: making it anew each time costs as much as posting.
-- A plan lives as long as its session, and one that was made while a table was small would read it whole ever after.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    kept_refusals CONSTANT text[] :=
        '{out_of_bounds,account_closed,already_resolved,already_reversed,hold_expired}';
    -- Locked and kept here while the set is decided, so that each row is written once however many entries touch it.
    pages heads[];
    moved accounts[];
    page_ids bigint[];
    moved_ids bigint[];
    page heads;
    account accounts;
    page_places integer[];
    account_places integer[];
    answers posted_entry[];
    answer posted_entry;
    codes text[] := free_codes(p_codes, cardinality(p_keys));
    bodies bytea[];
    prev_hashes bytea[];
    afters_cents bigint[];
    versions bigint[];
    -- Of each line that is written, the page and its number there.
    line_seqs bigint[];
    line_numbers integer[];
    -- Each array in a variable of its own: what is part of a row is walked from its start for each element.
    line_entries integer[] := p_line_entries;
    line_accounts bigint[] := p_account_ids;
    line_amounts bigint[] := p_amounts_cents;
    line_phases text[];
    lines phased_lines;
    cents bigint;
    place integer;
    sum_cents bigint;
    unbalanced boolean;
    unknown boolean;
    closed boolean;
    beyond boolean;
    -- For each account the last entry that has a line on it: an account stands once in each phase of an entry.
    touched integer[];
    open_season integer := (SELECT min(s.number) FROM seasons s
        WHERE s.source = 'books' AND s.opens_at <= p_recorded_at AND p_recorded_at < s.closes_at);
    -- The page that each entry ends, and those that the set has ended so far.
    targets bigint[];
    objections text[];
    ended text[];
    -- All as it was before the first entry of a bond.
    pages_before heads[];
    moved_before accounts[];
    ended_before text[];
    decided_before integer;
    bond_first integer;
    bond_first_line integer;
    bond_refusal text;
    first_line integer;
    last_line integer;
    decided integer;
BEGIN
    IF cardinality(p_keys) > 1 THEN
        IF (SELECT count(*) <> count(DISTINCT (scope, key)) FROM unnest(p_scopes, p_keys) AS d (scope, key)) THEN
            RAISE EXCEPTION 'a key stands once in a set' USING ERRCODE = 'cardinality_violation';
        END IF;
    END IF;
    IF array_remove(p_resolves_seqs || p_reverses_seqs, NULL) <> '{}' THEN
        targets := ARRAY(SELECT COALESCE(d.resolves_seq, d.reverses_seq)
            FROM unnest(p_resolves_seqs, p_reverses_seqs) WITH ORDINALITY AS d (resolves_seq, reverses_seq, entry)
            ORDER BY d.entry);
    END IF;
    IF targets IS NULL AND array_remove(p_expires_ats, NULL) = '{}' THEN
        line_phases := array_fill('posted'::text, ARRAY[cardinality(p_line_entries)]);
    ELSE
        lines := phase_lines(p_book_ids, p_expires_ats, COALESCE(targets, p_resolves_seqs), p_resolutions, p_line_entries,
            p_account_ids, p_amounts_cents);
        line_entries := lines.line_entries;
        line_accounts := lines.account_ids;
        line_amounts := lines.amounts_cents;
        line_phases := lines.phases;
    END IF;
    IF cardinality(p_keys) = 1 THEN
        bodies := ARRAY[entry_body(2, p_kinds[1], p_occurred_ats[1], p_recorded_at, p_about_seasons[1], p_actor_ids[1],
            p_reverses_seqs[1], p_expires_ats[1], p_resolves_seqs[1], p_resolutions[1], p_commitments[1],
            line_accounts, line_amounts, line_phases)];
    ELSE
        bodies := ARRAY(
            SELECT entry_body(2, d.kind, d.occurred_at, p_recorded_at, d.about_season, d.actor_id, d.reverses_seq,
                d.expires_at, d.resolves_seq, d.resolution, d.commitment, l.account_ids, l.amounts_cents, l.phases)
            FROM unnest(p_kinds, p_occurred_ats, p_about_seasons, p_actor_ids, p_reverses_seqs, p_expires_ats, p_resolves_seqs,
                    p_resolutions, p_commitments)
                    WITH ORDINALITY AS d (kind, occurred_at, about_season, actor_id, reverses_seq, expires_at, resolves_seq,
                    resolution, commitment, entry)
                LEFT JOIN (
                    SELECT p.entry, array_agg(p.account_id ORDER BY p.place) AS account_ids,
                        array_agg(p.amount_cents ORDER BY p.place) AS amounts_cents,
                        array_agg(p.phase ORDER BY p.place) AS phases
                    FROM unnest(line_entries, line_accounts, line_amounts, line_phases)
                        WITH ORDINALITY AS p (entry, account_id, amount_cents, phase, place)
                    GROUP BY p.entry) AS l USING (entry)
            ORDER BY d.entry);
    END IF;

    LOOP
        -- The heads are the only hot locks, and all below is decided under them: order of seq is order of commit. Who
        -- takes them in order of id, and accounts after them in the same order, meets nobody who comes the other way.
        pages := ARRAY(SELECT h FROM heads h WHERE h.book_id = ANY (p_book_ids) ORDER BY h.book_id FOR UPDATE);
        moved := ARRAY(SELECT a FROM accounts a WHERE a.id = ANY (line_accounts) ORDER BY a.id FOR UPDATE);
        page_ids := '{}';
        FOR i IN 1 .. cardinality(pages) LOOP
            page_ids[i] := pages[i].book_id;
        END LOOP;
        moved_ids := '{}';
        FOR i IN 1 .. cardinality(moved) LOOP
            moved_ids[i] := moved[i].id;
        END LOOP;
        page_places := places_of(p_book_ids, page_ids);
        account_places := places_of(line_accounts, moved_ids);
        answers := examine_entries(p_scopes, p_keys, p_request_hashes);
        IF targets IS NOT NULL THEN
            objections := examine_targets(p_book_ids, targets, p_resolutions, p_recorded_at, line_entries,
                line_accounts, line_amounts, line_phases);
        END IF;
        prev_hashes := array_fill(NULL::bytea, ARRAY[cardinality(answers)]);
        afters_cents := array_fill(NULL::bigint, ARRAY[cardinality(line_entries)]);
        versions := afters_cents;
        line_seqs := afters_cents;
        line_numbers := array_fill(NULL::integer, ARRAY[cardinality(line_entries)]);
        touched := array_fill(0, ARRAY[cardinality(moved)]);
        ended := '{}';
        last_line := 0;
        decided := 0;

        FOR i IN 1 .. cardinality(answers) LOOP
            answer := answers[i];
            first_line := last_line + 1;
            WHILE line_entries[last_line + 1] = i LOOP
                last_line := last_line + 1;
            END LOOP;
            IF p_bonds[i] IS DISTINCT FROM p_bonds[i - 1] THEN
                pages_before := pages;
                moved_before := moved;
                ended_before := ended;
                decided_before := decided;
                bond_first := i;
                bond_first_line := first_line;
                bond_refusal := NULL;
            END IF;

            page := pages[page_places[i]];
            IF answer.repeated THEN
                SELECT e.hash, c.code INTO answer.hash, answer.code
                    FROM entries e JOIN entry_codes c ON (c.book_id, c.seq) = (e.book_id, e.seq)
                    WHERE (e.book_id, e.season, e.seq) = (p_book_ids[i], answer.season, answer.seq);
                answers[i] := answer;
            ELSE
                sum_cents := 0;
                unbalanced := last_line <= first_line;
                unknown := FALSE;
                closed := FALSE;
                beyond := FALSE;
                FOR line IN first_line .. last_line LOOP
                    cents := line_amounts[line];
                    sum_cents := sum_cents + cents;
                    place := account_places[line];
                    account := moved[place];
                    IF account.book_id IS DISTINCT FROM p_book_ids[i] THEN
                        unknown := TRUE;
                    ELSE
                        unbalanced := unbalanced OR cents = 0 OR line_phases[line] <> 'released' AND touched[place] = i;
                        closed := closed OR account.closed_at IS NOT NULL;
                        -- What a hold releases is at least what then is posted: only the others can go beyond a bound.
                        beyond := beyond OR p_resolutions[i] IS NULL AND NOT bears(account, cents);
                        IF line_phases[line] <> 'released' THEN
                            touched[place] := i;
                        END IF;
                    END IF;
                END LOOP;
                -- A clock that lags at midnight must not write into the season before: the caller comes again a moment later.
                answer.season := CASE WHEN open_season >= page.season THEN open_season END;
                answer.refusal := CASE
                    WHEN page.book_id IS NULL THEN 'unknown_book'
                    WHEN answer.refusal IS NOT NULL THEN answer.refusal
                    WHEN objections[i] IS NOT NULL THEN objections[i]
                    WHEN unbalanced OR sum_cents <> 0 THEN 'unbalanced'
                    WHEN answer.season IS NULL THEN 'no_season'
                    WHEN unknown THEN 'unknown_account'
                    WHEN closed THEN 'account_closed'
                    WHEN targets[i] IS NOT NULL AND format('%s:%s', p_book_ids[i], targets[i]) = ANY (ended)
                        THEN CASE WHEN p_resolutions[i] IS NULL THEN 'already_reversed' ELSE 'already_resolved' END
                    WHEN beyond THEN 'out_of_bounds' END;
                IF answer.refusal IS NULL THEN
                    answer.seq := page.next_seq;
                    answer.code := codes[i];
                    answer.hash := chained_hash(2, page.head_hash, page.book_id, answer.season, answer.seq, bodies[i]);
                    prev_hashes[i] := page.head_hash;
                    page.next_seq := page.next_seq + 1;
                    page.season := answer.season;
                    page.head_hash := answer.hash;
                    pages[page_places[i]] := page;
                    FOR line IN first_line .. last_line LOOP
                        account := moved[account_places[line]];
                        cents := line_amounts[line];
                        IF line_phases[line] = 'posted' THEN
                            account.debits_posted_cents := account.debits_posted_cents + greatest(cents, 0);
                            account.credits_posted_cents := account.credits_posted_cents + greatest(-cents, 0);
                        ELSIF line_phases[line] = 'pending' THEN
                            account.debits_pending_cents := account.debits_pending_cents + greatest(cents, 0);
                            account.credits_pending_cents := account.credits_pending_cents + greatest(-cents, 0);
                        ELSE
                            account.debits_pending_cents := account.debits_pending_cents - greatest(cents, 0);
                            account.credits_pending_cents := account.credits_pending_cents - greatest(-cents, 0);
                        END IF;
                        account.version := account.version + 1;
                        moved[account_places[line]] := account;
                        afters_cents[line] := account.debits_posted_cents - account.credits_posted_cents;
                        versions[line] := account.version;
                        line_seqs[line] := answer.seq;
                        line_numbers[line] := line - first_line + 1;
                    END LOOP;
                    IF targets[i] IS NOT NULL THEN
                        ended := ended || format('%s:%s', p_book_ids[i], targets[i]);
                    END IF;
                END IF;
                answers[i] := answer;
                IF answer.refusal IS NULL OR answer.refusal = ANY (kept_refusals) THEN
                    decided := decided + 1;
                END IF;
            END IF;

            IF p_bonds[i] IS NOT NULL THEN
                bond_refusal := COALESCE(bond_refusal, answer.refusal);
                IF bond_refusal IS NOT NULL AND p_bonds[i] IS DISTINCT FROM p_bonds[i + 1] THEN
                    pages := pages_before;
                    moved := moved_before;
                    ended := ended_before;
                    decided := decided_before;
                    FOR line IN bond_first_line .. last_line LOOP
                        line_seqs[line] := NULL;
                    END LOOP;
                    FOR fallen IN bond_first .. i LOOP
                        answer := answers[fallen];
                        CONTINUE WHEN answer.repeated;
                        answers[fallen] := ROW(answer.season, NULL, NULL, NULL, FALSE, bond_refusal);
                        prev_hashes[fallen] := NULL;
                        IF bond_refusal = ANY (kept_refusals) THEN
                            decided := decided + 1;
                        END IF;
                    END LOOP;
                END IF;
            END IF;
        END LOOP;

        -- Another book may have taken a key since we looked. This waits for it, in order of the keys, and then all is
        -- decided again: a number that was meant for the one that came too late must not be missing in its book. One key
        -- that was taken left nothing to undo.
        IF decided <= 1 THEN
            EXIT WHEN decided = keep_answers(
                p_scopes, p_keys, p_request_hashes, p_book_ids, p_recorded_at, answers, kept_refusals);
        ELSE
            BEGIN
                EXIT WHEN decided = keep_answers(
                    p_scopes, p_keys, p_request_hashes, p_book_ids, p_recorded_at, answers, kept_refusals);
                RAISE EXCEPTION 'a key was taken meanwhile' USING ERRCODE = 'PC001';
            EXCEPTION
                WHEN SQLSTATE 'PC001' THEN
            END;
        END IF;
    END LOOP;

    IF targets IS NOT NULL OR array_remove(p_expires_ats, NULL) <> '{}' THEN
        PERFORM link_entries(p_book_ids, p_expires_ats, targets, p_resolutions, prev_hashes, answers);
    END IF;
    WITH posted AS MATERIALIZED (
        SELECT d.* FROM unnest(p_book_ids, p_kinds, p_occurred_ats, p_about_seasons, p_actor_ids, p_reverses_seqs,
                p_expires_ats, p_resolves_seqs, p_resolutions, p_salts, p_notes, p_commitments, prev_hashes, answers)
                WITH ORDINALITY
            AS d (book_id, kind, occurred_at, about_season, actor_id, reverses_seq, expires_at, resolves_seq, resolution,
                salt, note, commitment, prev_hash, season, seq, hash, code, repeated, refusal, entry)
        WHERE d.prev_hash IS NOT NULL
    ), entry AS (
        INSERT INTO entries (book_id, season, seq, kind, occurred_at, recorded_at, about_season, actor_id, reverses_seq,
                expires_at, resolves_seq, resolution, commitment, version, prev_hash, hash)
            SELECT book_id, season, seq, kind, occurred_at, p_recorded_at, about_season, actor_id, reverses_seq,
                expires_at, resolves_seq, resolution, commitment, 2, prev_hash, hash
            FROM posted
    ), note AS (
        INSERT INTO entry_notes (book_id, season, seq, salt, note) SELECT book_id, season, seq, salt, note FROM posted
    ), code AS (
        INSERT INTO entry_codes (code, book_id, season, seq) SELECT code, book_id, season, seq FROM posted
    ), unsealed AS (
        INSERT INTO sealing_queue (book_id, season, seq) SELECT book_id, season, seq FROM posted
    ), turned_page AS (
        UPDATE heads h SET next_seq = p.next_seq, season = p.season, head_hash = p.head_hash
            FROM unnest(pages) AS p WHERE h.book_id = p.book_id AND h.next_seq <> p.next_seq
    ), moved_account AS (
        UPDATE accounts a SET version = m.version, debits_posted_cents = m.debits_posted_cents,
                credits_posted_cents = m.credits_posted_cents, debits_pending_cents = m.debits_pending_cents,
                credits_pending_cents = m.credits_pending_cents
            FROM unnest(moved) AS m WHERE a.id = m.id AND a.version <> m.version
    )
    INSERT INTO postings (book_id, season, seq, line, account_id, amount_cents, balance_after_cents, account_version, phase)
        SELECT p_book_ids[p.entry], open_season, p.seq, p.number, p.account_id, p.amount_cents, p.after_cents, p.version,
            p.phase
        FROM unnest(line_entries, line_accounts, line_amounts, afters_cents, versions, line_phases,
                line_seqs, line_numbers) AS p (entry, account_id, amount_cents, after_cents, version, phase, seq, number)
        WHERE p.seq IS NOT NULL;
    RETURN QUERY SELECT * FROM unnest(answers);
END
$$;
