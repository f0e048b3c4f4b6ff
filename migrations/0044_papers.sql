-- Papers: what lies outside the books and is sealed with them, such as the minutes of a meeting. Of a paper the books keep a
-- digest only, and the digest is salted by whoever hands it over: a paper can be forgotten, and its seal stays.

CREATE TABLE papers (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    book_id      bigint NOT NULL REFERENCES books,
    digest       bytea NOT NULL CHECK (octet_length(digest) = 32),
    recorded_at  timestamptz NOT NULL,
    -- over the three before it (ledger/papers.py); what its leaf is about
    hash         bytea NOT NULL CHECK (octet_length(hash) = 32),
    UNIQUE (book_id, digest)
);
CREATE TRIGGER unchangeable BEFORE UPDATE OR DELETE OR TRUNCATE ON papers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A paper waits for its batch like a page: as page `id` of the book of papers, which has the last number that there is.
CREATE FUNCTION lay_paper(p_book_id bigint, p_digest bytea, p_recorded_at timestamptz, p_hash bytea) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    paper bigint;
BEGIN
    -- As for postings: what the web may not write to has no head for it.
    IF NOT EXISTS (SELECT FROM heads WHERE book_id = p_book_id) THEN
        RETURN NULL;
    END IF;
    INSERT INTO papers (book_id, digest, recorded_at, hash) VALUES (p_book_id, p_digest, p_recorded_at, p_hash)
        RETURNING id INTO paper;
    INSERT INTO sealing_queue (book_id, season, seq) VALUES (9223372036854775807, 0, paper);
    RETURN paper;
END
$$;
REVOKE EXECUTE ON FUNCTION lay_paper FROM PUBLIC;

SELECT protect_rows('papers', $$book_id = ANY ((SELECT own_books())::bigint[]) OR (SELECT is_operator())$$, NULL);

DO $$
DECLARE
    role_name text;
BEGIN
    FOR role_name IN SELECT rolname FROM pg_roles WHERE rolname IN ('pesachama_web', 'pesachama_worker') LOOP
        EXECUTE format('GRANT SELECT ON papers TO %I', role_name);
        EXECUTE format('GRANT EXECUTE ON FUNCTION lay_paper TO %I', role_name);
    END LOOP;
END
$$;
