-- What customers are told, and how far that is. No address and no name is kept: they are asked for when the mail is written.

CREATE TABLE notification (
  notification_id text        PRIMARY KEY DEFAULT gen_random_uuid(),
  -- The event that it tells of. Unique: this is the inbox, whatever topic the event came by.
  cause_source    text        NOT NULL,
  cause_id        text        NOT NULL,
  user_id         text        NOT NULL,
  -- { template, … }: ids and amounts.
  facts           jsonb       NOT NULL,
  traceparent     text,
  state           text        NOT NULL DEFAULT 'pending'
                  CHECK (state IN ('pending', 'sending', 'sent', 'dropped', 'failed')),
  -- Claims so far; also the fence: who finishes must name the attempt that it was.
  attempts        int         NOT NULL DEFAULT 0,
  -- Due then, when pending; up for a new claim then, when sending.
  due_at          timestamptz NOT NULL DEFAULT now(),
  -- Set while a mail server has the mail and has not answered: after a crash nobody knows whether it took it.
  handed_at       timestamptz,
  reason          text,
  created_at      timestamptz NOT NULL DEFAULT now(),
  finished_at     timestamptz,
  UNIQUE (cause_source, cause_id)
);
CREATE INDEX notification_due ON notification (due_at) WHERE state IN ('pending', 'sending');
CREATE INDEX notification_failed ON notification (created_at, notification_id) WHERE state = 'failed';
CREATE INDEX notification_finished ON notification (finished_at) WHERE finished_at IS NOT NULL;

-- The local mailbox (MAIL_TRANSPORT=mailbox): empty wherever mails really go out.
CREATE TABLE mailbox (
  mail_id     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  message_id  text        NOT NULL UNIQUE,
  recipient   text        NOT NULL,
  subject     text        NOT NULL,
  text_body   text        NOT NULL,
  html_body   text        NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now()
);
