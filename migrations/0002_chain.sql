-- Batches of sealed entries and their way onto the chain and back; what ledger/batches, ledger/chain and ledger/sync write.

CREATE TABLE batches (
    number         bigint PRIMARY KEY,
    root           bytea NOT NULL CHECK (octet_length(root) = 32),
    previous_root  bytea NOT NULL CHECK (octet_length(previous_root) = 32),
    leaf_count     integer NOT NULL CHECK (leaf_count > 0),
    sealed_at      timestamptz NOT NULL,
    -- how the root is made public: an anchoring transaction, or a signed checkpoint when the chain is off
    witness        text NOT NULL CHECK (witness IN ('chain', 'checkpoint')),
    -- never cancelled: the batches after it name its root
    state          text NOT NULL CHECK (state IN ('pending', 'executing', 'completed', 'failed')),
    due_at         timestamptz,
    retry_count    integer NOT NULL DEFAULT 0,
    error_message  text,
    chain_id       bigint,
    contract       text,
    tx_hash        bytea,
    block_number   bigint,
    block_hash     bytea,
    completed_at   timestamptz
);
CREATE INDEX batches_due ON batches (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE batch_leaves (
    batch          bigint NOT NULL REFERENCES batches,
    position       integer NOT NULL,
    book_id        bigint NOT NULL,
    season         integer NOT NULL,
    seq            bigint NOT NULL,
    salt           bytea NOT NULL CHECK (octet_length(salt) = 16),
    leaf           bytea NOT NULL CHECK (octet_length(leaf) = 32),
    PRIMARY KEY (batch, position),
    UNIQUE (book_id, seq)
);

-- The nodes above the leaves, root first, 32 bytes each: a proof cuts its fourteen out instead of hashing ten thousand
-- leaves again. Stored outside the row and uncompressed, so that only the cut is read.
CREATE TABLE batch_trees (
    batch          bigint PRIMARY KEY REFERENCES batches,
    nodes          bytea NOT NULL CHECK (octet_length(nodes) % 32 = 0)
);
ALTER TABLE batch_trees ALTER COLUMN nodes SET STORAGE EXTERNAL;

CREATE TABLE chain_accounts (
    chain_id       bigint NOT NULL,
    address        text NOT NULL,
    next_nonce     bigint NOT NULL,
    PRIMARY KEY (chain_id, address)
);

-- One row per nonce; every signed attempt at it is kept, and any of them may be the one that is mined.
CREATE TABLE chain_transactions (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    chain_id       bigint NOT NULL,
    address        text NOT NULL,
    nonce          bigint NOT NULL,
    purpose        text NOT NULL CHECK (purpose IN ('deploy', 'anchor')),
    batch          bigint REFERENCES batches,
    state          text NOT NULL CHECK (state IN ('signed', 'sent', 'mined', 'reverted', 'replaced')),
    created_at     timestamptz NOT NULL,
    UNIQUE (chain_id, address, nonce)
);

CREATE INDEX chain_transactions_by_batch ON chain_transactions (batch);

CREATE TABLE chain_attempts (
    tx_hash        bytea PRIMARY KEY,
    transaction_id bigint NOT NULL REFERENCES chain_transactions,
    raw            bytea NOT NULL,
    gas            bigint NOT NULL,
    -- the gas price on a chain without a base fee, where there is no tip either
    max_fee_wei    bigint NOT NULL,
    tip_wei        bigint,
    signed_at      timestamptz NOT NULL,
    sent_at        timestamptz
);

CREATE TABLE chain_contracts (
    chain_id       bigint NOT NULL,
    name           text NOT NULL,
    address        text NOT NULL,
    deployed_block bigint NOT NULL,
    tx_hash        bytea NOT NULL,
    -- tells a chain that was started over from the one we know, which may carry the same id
    genesis_hash   bytea NOT NULL,
    PRIMARY KEY (chain_id, name)
);

CREATE TABLE chain_cursors (
    chain_id       bigint NOT NULL,
    contract       text NOT NULL,
    block_number   bigint NOT NULL,
    block_hash     bytea NOT NULL,
    PRIMARY KEY (chain_id, contract)
);

-- (tx_hash, log_index) is not safe under reorganisations: the block is part of the key, and a removed log stays as not canonical.
CREATE TABLE chain_logs (
    chain_id       bigint NOT NULL,
    block_hash     bytea NOT NULL,
    log_index      integer NOT NULL,
    block_number   bigint NOT NULL,
    tx_hash        bytea NOT NULL,
    contract       text NOT NULL,
    event          text NOT NULL,
    batch          bigint NOT NULL,
    root           bytea NOT NULL,
    previous_root  bytea NOT NULL,
    leaf_count     bigint NOT NULL,
    canonical      boolean NOT NULL DEFAULT true,
    seen_at        timestamptz NOT NULL,
    PRIMARY KEY (chain_id, block_hash, log_index)
);
CREATE INDEX chain_logs_by_batch ON chain_logs (batch);
