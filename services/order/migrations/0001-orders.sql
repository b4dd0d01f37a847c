-- Orders with their history, and the prices that they are placed at.

CREATE TABLE orders (
  order_id       text        PRIMARY KEY,
  user_id        text        NOT NULL,
  status         text        NOT NULL CHECK (status IN ('placed', 'reserved', 'confirmed', 'cancelled')),
  lines          jsonb       NOT NULL,
  currency       text        NOT NULL,
  total_minor    bigint      NOT NULL CHECK (total_minor >= 0),
  -- The provider's token. Asking for the payment spends it: from then on there is no reason to keep it.
  payment_method text,
  payment_id     text,
  -- [{status, at, reason?}], oldest first. In the row, so that whoever waited for the row's lock reads both as they now are.
  history        jsonb       NOT NULL,
  version        integer     NOT NULL,
  placed_at      timestamptz NOT NULL,
  CHECK ((payment_method IS NOT NULL) = (status = 'placed')),
  CHECK ((payment_id IS NOT NULL) = (status = 'confirmed')),
  CHECK (version = jsonb_array_length(history))
);
CREATE INDEX orders_of_user ON orders (user_id, placed_at DESC, order_id DESC);
CREATE INDEX orders_newest ON orders (placed_at DESC, order_id DESC);
-- What may expire: few rows, however many orders there are.
CREATE INDEX orders_open ON orders (placed_at) WHERE status IN ('placed', 'reserved');

-- The product service's catalogue as far as an order needs it.
CREATE TABLE product_price (
  product_id  text    PRIMARY KEY,
  version     bigint  NOT NULL,
  price_minor bigint  NOT NULL,
  currency    text    NOT NULL,
  is_active   boolean NOT NULL
);
