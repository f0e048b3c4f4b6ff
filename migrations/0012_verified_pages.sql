-- Up to which page of each book a run of `pesachama verify` found everything sound; the next run over new pages begins there.
-- Never backwards: an older run may end after a newer one.
CREATE FUNCTION note_verified(p_book_ids bigint[], p_seqs bigint[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE heads h SET verified_seq = sound.seq
        FROM (SELECT p.seq, locked.book_id FROM unnest(p_book_ids, p_seqs) AS p (book_id, seq)
            -- in order of id, as whoever posts takes them
            JOIN (SELECT book_id FROM heads WHERE book_id = ANY (p_book_ids) ORDER BY book_id FOR UPDATE) AS locked
            USING (book_id)) AS sound
        WHERE h.book_id = sound.book_id AND h.verified_seq < sound.seq AND sound.seq < h.next_seq
$$;
REVOKE EXECUTE ON FUNCTION note_verified FROM PUBLIC;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_worker') THEN
        GRANT EXECUTE ON FUNCTION note_verified TO pesachama_worker;
    END IF;
END
$$;
