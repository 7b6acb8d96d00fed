-- The answer of an endpoint may be the reply to the sender of a message that it was told, of so many parts at most.
ALTER TABLE webhooks ADD COLUMN reply_with_body BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE webhooks ADD COLUMN max_messages BIGINT NOT NULL DEFAULT 1;

-- Whose the thing is that an event tells, and the SIM that it happened to: an account that may not see it any more is not
-- told. NULL where nobody owns it, where no SIM is known, and in rows of before.
ALTER TABLE webhook_deliveries ADD COLUMN owner TEXT;
ALTER TABLE webhook_deliveries ADD COLUMN sim TEXT;

-- What endpoints answered that is sent back, or why it is not. The id is made from the message and the endpoint. next_at
-- says when the reply is sent or, while a copy of the service has it, until when. reply is there until it is over;
-- replied_at counts against what one sender may be sent, and what one account may send.
CREATE TABLE webhook_replies (
    id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    webhook TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    delivery TEXT NOT NULL,
    message TEXT NOT NULL,
    sender TEXT NOT NULL,
    sim TEXT NOT NULL,
    state TEXT NOT NULL,
    next_at BIGINT,
    last_error TEXT,
    reply TEXT,
    replied_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX webhook_replies_next ON webhook_replies (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX webhook_replies_delivery ON webhook_replies (delivery);
CREATE INDEX webhook_replies_webhook ON webhook_replies (webhook, replied_at);
CREATE INDEX webhook_replies_replied ON webhook_replies (org, sender, replied_at) WHERE replied_at IS NOT NULL;
CREATE INDEX webhook_replies_updated ON webhook_replies (updated_at);
CREATE INDEX service_calls_service_replied ON service_calls (service, replied_at) WHERE replied_at IS NOT NULL;
