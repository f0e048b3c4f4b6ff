-- People, chamas, memberships, rounds and what each member owes; what chamas/ writes.

CREATE TABLE users (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    phone          text UNIQUE CHECK (phone ~ '^\+[1-9][0-9]{7,14}$'),
    contact_phone  text CHECK (contact_phone ~ '^\+[1-9][0-9]{7,14}$'),
    email          text UNIQUE,
    first_name     text NOT NULL,
    last_name      text,
    national_id    bytea,
    kyc            text NOT NULL DEFAULT 'none' CHECK (kyc IN ('none', 'submitted', 'verified', 'rejected')),
    language       text NOT NULL DEFAULT 'sw',
    time_zone      text NOT NULL DEFAULT 'Africa/Nairobi',
    private_phone  boolean NOT NULL DEFAULT false,
    platform_role  text CHECK (platform_role IN ('admin', 'support', 'auditor', 'programme')),
    password_hash  text,
    status         text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended', 'erased')),
    created_at     timestamptz NOT NULL
);

CREATE TABLE pins (
    user_id        bigint PRIMARY KEY REFERENCES users,
    hash           text NOT NULL,
    tries          smallint NOT NULL DEFAULT 0,
    locked_until   timestamptz,
    changed_at     timestamptz NOT NULL
);

CREATE TABLE consents (
    user_id        bigint NOT NULL REFERENCES users,
    text_version   text NOT NULL,
    language       text NOT NULL,
    session_key    bytea NOT NULL,
    given_at       timestamptz NOT NULL,
    PRIMARY KEY (user_id, text_version)
);

CREATE TABLE web_sessions (
    token_hash     bytea PRIMARY KEY,
    user_id        bigint NOT NULL REFERENCES users,
    created_at     timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL
);

CREATE TABLE api_tokens (
    token_hash     bytea PRIMARY KEY,
    name           text NOT NULL,
    user_id        bigint NOT NULL REFERENCES users,
    created_at     timestamptz NOT NULL,
    revoked_at     timestamptz
);

-- A wrong password is counted per e-mail address (kept as a keyed hash) so that guessing slows down.
CREATE TABLE sign_in_failures (
    login_key      bytea PRIMARY KEY,
    failures       integer NOT NULL,
    locked_until   timestamptz
);

CREATE TABLE chamas (
    id                   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    number               text NOT NULL UNIQUE CHECK (number ~ '^[1-9][0-9]{4}$'),
    name                 text NOT NULL,
    kind                 text NOT NULL CHECK (kind IN ('rosca', 'investment', 'asca', 'welfare', 'mixed')),
    status               text NOT NULL CHECK (status IN
                             ('draft', 'recruiting', 'waiting', 'active', 'completed', 'cancelled')),
    frequency            text NOT NULL CHECK (frequency IN ('weekly', 'fortnightly', 'monthly', 'custom')),
    contribution_cents   bigint NOT NULL CHECK (contribution_cents > 0),
    member_target        integer NOT NULL CHECK (member_target BETWEEN 2 AND 100),
    private              boolean NOT NULL DEFAULT false,
    recruitment_deadline timestamptz,
    book_id              bigint NOT NULL UNIQUE REFERENCES books,
    chain_address        text,
    created_at           timestamptz NOT NULL
);

CREATE TABLE chama_members (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chama_id         bigint NOT NULL REFERENCES chamas,
    user_id          bigint NOT NULL REFERENCES users,
    number           integer NOT NULL CHECK (number > 0),
    role             text NOT NULL CHECK (role IN ('chairperson', 'treasurer', 'secretary', 'member')),
    status           text NOT NULL CHECK (status IN
                         ('invited', 'pending', 'confirmed', 'active', 'defaulted', 'completed', 'withdrawn')),
    join_method      text NOT NULL CHECK (join_method IN ('creator', 'invitation', 'number', 'import')),
    position         integer,
    terms_agreed_at  timestamptz,
    joined_at        timestamptz NOT NULL,
    UNIQUE (chama_id, user_id),
    UNIQUE (chama_id, number)
);
CREATE INDEX chama_members_by_user ON chama_members (user_id);

CREATE TABLE rule_sets (
    id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chama_id            bigint NOT NULL REFERENCES chamas,
    version             integer NOT NULL,
    contribution_cents  bigint NOT NULL CHECK (contribution_cents > 0),
    frequency           text NOT NULL,
    grace_seconds       integer NOT NULL DEFAULT 0,
    arrears_first       boolean NOT NULL DEFAULT true,
    in_force_from       timestamptz NOT NULL,
    UNIQUE (chama_id, version)
);

CREATE TABLE rounds (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chama_id         bigint NOT NULL REFERENCES chamas,
    number           integer NOT NULL,
    rule_set_id      bigint NOT NULL REFERENCES rule_sets,
    state            text NOT NULL CHECK (state IN ('pending', 'active', 'completed', 'expired', 'cancelled')),
    opens_at         timestamptz NOT NULL,
    closes_at        timestamptz NOT NULL CHECK (closes_at > opens_at),
    payee_member_id  bigint REFERENCES chama_members,
    UNIQUE (chama_id, number)
);
CREATE UNIQUE INDEX rounds_one_active ON rounds (chama_id) WHERE state = 'active';

-- What one member owes for one round, and how far it is paid.
CREATE TABLE contributions (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    round_id     bigint NOT NULL REFERENCES rounds,
    member_id    bigint NOT NULL REFERENCES chama_members,
    due_cents    bigint NOT NULL CHECK (due_cents > 0),
    paid_cents   bigint NOT NULL DEFAULT 0 CHECK (paid_cents BETWEEN 0 AND due_cents),
    state        text NOT NULL CHECK (state IN ('pending', 'paid', 'confirmed', 'failed', 'refunded')),
    UNIQUE (round_id, member_id)
);
CREATE INDEX contributions_by_member ON contributions (member_id, round_id);
CREATE INDEX contributions_to_confirm ON contributions (id) WHERE state = 'paid';

-- How the money of one entry was shared over what the member owed; without a contribution it is her credit for the next round.
CREATE TABLE allocations (
    book_id          bigint NOT NULL,
    seq              bigint NOT NULL,
    line             smallint NOT NULL,
    member_id        bigint NOT NULL REFERENCES chama_members,
    contribution_id  bigint REFERENCES contributions,
    amount_cents     bigint NOT NULL CHECK (amount_cents > 0),
    PRIMARY KEY (book_id, seq, line)
);
CREATE INDEX allocations_by_contribution ON allocations (contribution_id) WHERE contribution_id IS NOT NULL;
CREATE INDEX allocations_of_credit ON allocations (member_id) WHERE contribution_id IS NULL;
