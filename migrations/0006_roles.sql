-- What the web and the worker processes may touch. Both are NOLOGIN roles that the connecting user takes on; a database
-- that does not let us create roles (some hosted ones) runs as the owner, where triggers still guard the books.
-- Nobody gets INSERT, UPDATE or DELETE on the books themselves: their functions run as the owner of the tables.

DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['pesachama_web', 'pesachama_worker'] LOOP
        -- Roles belong to the whole server, and two databases may migrate at once: the second one finds it made.
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
            END IF;
            EXECUTE format('GRANT %I TO CURRENT_USER', role_name);
        EXCEPTION
            WHEN insufficient_privilege OR duplicate_object OR unique_violation OR invalid_grant_operation THEN
                RAISE NOTICE 'role % is not at hand here: %', role_name, SQLERRM;
        END;
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', role_name);
            EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA public TO %I', role_name);
            EXECUTE format('GRANT EXECUTE ON FUNCTION post_entries, open_book, open_account TO %I', role_name);
            -- computes without reading a table: a proof hashes its entry again
            EXECUTE format(
                'GRANT EXECUTE ON FUNCTION entry_hash, entry_body, chained_hash, preimage_field, preimage_number, '
                'preimage_instant TO %I', role_name);
        END IF;
    END LOOP;

    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_web') THEN
        GRANT INSERT ON evidence, payment_intents, payment_attempts, inquiries, ussd_actions, ussd_sessions,
            notifications, incidents, web_sessions, sign_in_failures, consents TO pesachama_web;
        GRANT UPDATE (seen_count) ON evidence TO pesachama_web;
        GRANT UPDATE (due_at) ON inquiries TO pesachama_web;
        GRANT UPDATE (language) ON users TO pesachama_web;
        GRANT UPDATE (tries, locked_until) ON pins TO pesachama_web;
        GRANT UPDATE ON ussd_sessions, notifications, sign_in_failures TO pesachama_web;
        GRANT DELETE ON web_sessions, sign_in_failures TO pesachama_web;
    END IF;

    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'pesachama_worker') THEN
        GRANT INSERT, UPDATE ON users, pins, consents, web_sessions, api_tokens, sign_in_failures, chamas, chama_members,
            rule_sets, rounds, contributions, allocations, shortcodes, daraja_tokens, payment_intents, payment_attempts,
            evidence, receipts, suspense, inquiries, ussd_actions, ussd_sessions, notifications, incidents,
            batches, batch_leaves, batch_trees, chain_accounts, chain_transactions, chain_attempts, chain_contracts,
            chain_cursors, chain_logs TO pesachama_worker;
        GRANT DELETE ON sealing_queue, web_sessions, sign_in_failures, allocations TO pesachama_worker;
        GRANT EXECUTE ON FUNCTION open_season TO pesachama_worker;
    END IF;
END
$$;
