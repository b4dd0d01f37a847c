-- Networks from which the owner of an account has proved to be it. Keyed hashes, as in sign_in_failures, whose row of all unknown
-- networks of an account bears a network_key of its own.
CREATE TABLE known_network (
  account_key bytea NOT NULL,
  network_key bytea NOT NULL,
  proved_at timestamptz NOT NULL,
  PRIMARY KEY (account_key, network_key)
);
CREATE INDEX known_network_age ON known_network (proved_at);

-- Passwords come with the token of the mail. The column goes with the next version: this one may run beside the one before.
UPDATE challenge SET password_hash = NULL WHERE password_hash IS NOT NULL;
