-- The catalogue, the stock with its ledger, what is set aside for orders, and the renditions of photos.

CREATE TABLE category (
  category_id text PRIMARY KEY,
  name text NOT NULL
);
CREATE INDEX category_by_name ON category (name, category_id);

CREATE TABLE product (
  product_id text PRIMARY KEY,
  -- Of the catalogue's facts; stock and photos change without it.
  version int NOT NULL DEFAULT 1,
  name text NOT NULL,
  description text NOT NULL,
  category_id text NOT NULL REFERENCES category,
  price_minor bigint NOT NULL CHECK (price_minor >= 0),
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  is_active boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  changed_at timestamptz NOT NULL DEFAULT now(),
  -- A word in the name counts more than one in the description.
  search tsvector NOT NULL GENERATED ALWAYS AS (
    setweight(to_tsvector('english', name), 'A') || setweight(to_tsvector('english', description), 'B')
  ) STORED
);
CREATE INDEX product_by_name ON product (name, product_id);
CREATE INDEX product_by_category ON product (category_id, name, product_id);
CREATE INDEX product_search ON product USING gin (search);

-- Apart from the product, so that orders and editors do not wait for each other.
CREATE TABLE stock (
  product_id text PRIMARY KEY REFERENCES product,
  on_hand int NOT NULL DEFAULT 0,
  -- The sum of the open reservations.
  reserved int NOT NULL DEFAULT 0,
  CHECK (0 <= reserved AND reserved <= on_hand)
);

-- Every change of on_hand, never edited: on_hand is its sum.
CREATE TABLE stock_entry (
  entry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  product_id text NOT NULL REFERENCES stock,
  delta int NOT NULL CHECK (delta <> 0),
  reason text NOT NULL CHECK (reason IN ('delivered', 'counted', 'damaged', 'returned', 'sold')),
  -- What brought it about: the same cause counts once.
  cause text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (cause, product_id)
);
CREATE INDEX stock_entry_by_product ON stock_entry (product_id, entry_id);

-- One row for each order that was heard of, also when it was cancelled before it was placed.
CREATE TABLE reservation (
  order_id text PRIMARY KEY,
  -- 'unknown' stands only inside the transaction that first hears of the order.
  state text NOT NULL CHECK (state IN ('unknown', 'open', 'rejected', 'final', 'released')),
  created_at timestamptz NOT NULL DEFAULT now(),
  changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX reservation_open ON reservation (created_at) WHERE state = 'open';

CREATE TABLE reservation_line (
  order_id text NOT NULL REFERENCES reservation,
  product_id text NOT NULL REFERENCES stock,
  quantity int NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (order_id, product_id)
);

-- The upload whose renditions a product shows. No reference to the product: its photo may be known before it is.
CREATE TABLE photo (
  product_id text PRIMARY KEY,
  uploaded_at_ms bigint NOT NULL,
  source_key text NOT NULL,
  source_version text NOT NULL
);

CREATE TABLE rendition (
  product_id text NOT NULL REFERENCES photo,
  label text NOT NULL,
  key text NOT NULL,
  width int NOT NULL,
  height int NOT NULL,
  PRIMARY KEY (product_id, label)
);
