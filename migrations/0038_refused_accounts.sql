-- Whether a payment to this shortcode under this account may be made: no only where the shortcode refuses accounts that
-- cannot exist, and there is no such member. It tells what anybody learns who pays, so it needs no context.
CREATE FUNCTION takes_account(p_shortcode text, p_chama text, p_member integer) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN NOT EXISTS (SELECT FROM shortcodes s WHERE p_shortcode IN (s.number, s.till_number) AND s.validates)
        OR EXISTS (SELECT FROM chama_members m JOIN chamas c ON c.id = m.chama_id
                   WHERE c.number = p_chama AND m.number = p_member);
END
$$;
REVOKE EXECUTE ON FUNCTION takes_account FROM PUBLIC;

DO $$
BEGIN
    IF NOT roles_at_hand() THEN
        RETURN;
    END IF;
    GRANT SELECT (number, till_number, validates) ON shortcodes TO pesachama_gatekeeper;
    -- As in 0010: allowed to own functions in the schema only while it is made their owner.
    GRANT CREATE ON SCHEMA public TO pesachama_gatekeeper;
    ALTER FUNCTION takes_account OWNER TO pesachama_gatekeeper;
    REVOKE CREATE ON SCHEMA public FROM pesachama_gatekeeper;
    GRANT EXECUTE ON FUNCTION takes_account TO pesachama_web, pesachama_worker;
END
$$;
