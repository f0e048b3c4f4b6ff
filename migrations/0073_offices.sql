-- Offices: a member is named for one (chamas/offices.py), and who holds one is recalled, with a successor or without.

ALTER TABLE motions
    DROP CONSTRAINT motions_kind_check,
    DROP CONSTRAINT motions_check1,
    DROP CONSTRAINT motions_check2,
    DROP CONSTRAINT motions_needed_check,
    ADD CONSTRAINT motions_kind_check CHECK (kind IN ('exit', 'substitution', 'recall', 'naming')),
    ADD CONSTRAINT motions_has_an_office CHECK ((kind IN ('recall', 'naming')) = (role IS NOT NULL)),
    -- In a group of two nobody is left to agree: whoever is named accepts, or not.
    ADD CONSTRAINT motions_needs_others CHECK (needed > 0 OR kind = 'naming' AND needed = 0),
    -- Of a naming: who holds the office now, and hands it over. Of a recall: who follows.
    ADD CONSTRAINT motions_names_another CHECK (kind <> 'exit' OR other_id IS NULL);
