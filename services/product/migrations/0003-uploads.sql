-- Each signed upload of a photo, so that who sent it can see what became of it: nothing yet, renditions, or a refusal with its reason.
CREATE TABLE upload (
  upload_id text PRIMARY KEY,
  -- Order of the list: times may be equal.
  position bigint GENERATED ALWAYS AS IDENTITY,
  product_id text NOT NULL REFERENCES product,
  -- In the bucket of originals: events about the photo name it.
  key text NOT NULL UNIQUE,
  file_name text NOT NULL,
  content_type text NOT NULL,
  bytes bigint NOT NULL,
  asked_at timestamptz NOT NULL DEFAULT now(),
  -- Of the latest event about it; a key can be written to again while its URL lives.
  outcome text CHECK (outcome IN ('rendered', 'rejected')),
  outcome_at_ms bigint,
  reason text,
  detail text,
  CHECK ((outcome IS NULL) = (outcome_at_ms IS NULL) AND (outcome IS NOT DISTINCT FROM 'rejected') = (reason IS NOT NULL))
);
CREATE INDEX upload_by_product ON upload (product_id, position);
