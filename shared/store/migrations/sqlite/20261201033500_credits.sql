-- What accounts have for messages, for those that do not send as much as they like. balance is what is left and is in nobody's
-- block; raised_at is when it grew last.
CREATE TABLE credit_accounts (
    account TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    limited BOOLEAN NOT NULL,
    balance BIGINT NOT NULL CHECK (balance >= 0),
    raised_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX credit_accounts_org ON credit_accounts (org, account);
-- Every change of what accounts have, which nothing removes. A message is charged once and refunded once.
CREATE TABLE credit_ledger (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    amount BIGINT NOT NULL,
    message TEXT,
    note TEXT,
    by_account TEXT,
    at BIGINT NOT NULL
);
CREATE UNIQUE INDEX credit_ledger_message ON credit_ledger (message, kind) WHERE message IS NOT NULL;
CREATE INDEX credit_ledger_account ON credit_ledger (account, at, id);
-- What routers were given to spend and may spend still.
CREATE TABLE credit_blocks (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    account TEXT NOT NULL,
    amount BIGINT NOT NULL,
    spent BIGINT NOT NULL CHECK (spent >= 0 AND spent <= amount),
    closes_at BIGINT NOT NULL
);
CREATE INDEX credit_blocks_closes ON credit_blocks (closes_at);
CREATE INDEX credit_blocks_account ON credit_blocks (account);
-- Versions of the prices of an organisation, the one in force among them: it is a setting too.
CREATE TABLE price_versions (
    org TEXT NOT NULL,
    version BIGINT NOT NULL,
    account TEXT NOT NULL,
    prices BIGINT NOT NULL,
    value_json TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (org, version)
);
-- What a message was charged; 0: that was refunded; none: it cost nothing.
ALTER TABLE messages ADD COLUMN cost BIGINT;
-- Messages that wait for credit.
CREATE INDEX messages_out_of_credit ON messages (owner, due_at) WHERE gate = 'credit';
