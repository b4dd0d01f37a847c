-- Accounts, what may be erased of them, and how somebody proves to be one. Plain names: the search path is the schema.

-- Stays for ever, so that orders and payments keep pointing at something; says nothing about the person.
CREATE TABLE account (
  user_id text PRIMARY KEY,
  role text NOT NULL CHECK (role IN ('customer', 'admin')),
  -- Null until the address is verified: nobody signs in before, whoever chose the password.
  password_hash text,
  registered_at timestamptz NOT NULL,
  verified_at timestamptz,
  erased_at timestamptz,
  version int NOT NULL DEFAULT 1
);

-- Everything personal, in one place: erasing is deleting a row.
CREATE TABLE personal_data (
  user_id text PRIMARY KEY REFERENCES account,
  email text NOT NULL,
  -- The address in lower case: one account an address, however it is written.
  email_key text NOT NULL UNIQUE,
  name text,
  locale text NOT NULL
);

-- Something that only the reader of a mailbox can answer.
CREATE TABLE challenge (
  challenge_id text PRIMARY KEY,
  user_id text NOT NULL REFERENCES account,
  purpose text NOT NULL CHECK (purpose IN ('verify-email', 'reset-password')),
  issued_at timestamptz NOT NULL,
  -- Of the password that was chosen at registration: it becomes the account's when the address is verified.
  password_hash text,
  -- Both null until the mail is written; the token itself is nowhere.
  token_sha256 bytea UNIQUE,
  expires_at timestamptz,
  used_at timestamptz
);
CREATE INDEX challenge_of_user ON challenge (user_id, purpose, issued_at);

-- One sign-in and all refresh tokens that follow from it.
CREATE TABLE refresh_family (
  family_id text PRIMARY KEY,
  user_id text NOT NULL REFERENCES account,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz
);
CREATE INDEX refresh_family_of_user ON refresh_family (user_id);
CREATE INDEX refresh_family_end ON refresh_family (expires_at);

CREATE TABLE refresh_token (
  token_sha256 bytea PRIMARY KEY,
  family_id text NOT NULL REFERENCES refresh_family ON DELETE CASCADE,
  expires_at timestamptz NOT NULL,
  rotated_at timestamptz
);
CREATE INDEX refresh_token_of_family ON refresh_token (family_id);

-- Sign-ins that failed, by account and network. Both are keyed hashes: neither address can be read from here.
CREATE TABLE sign_in_failures (
  account_key bytea NOT NULL,
  network_key bytea NOT NULL,
  count int NOT NULL,
  last_at timestamptz NOT NULL,
  locked_until timestamptz NOT NULL,
  PRIMARY KEY (account_key, network_key)
);
CREATE INDEX sign_in_failures_age ON sign_in_failures (last_at);

-- Keys that sign access tokens; the private half is sealed by the key-encryption key of the settings.
CREATE TABLE signing_key (
  kid text PRIMARY KEY,
  public_jwk jsonb NOT NULL,
  sealed_private_key bytea NOT NULL,
  signs_from timestamptz NOT NULL
);
