-- One cart a user, and the products as far as carts need them.

CREATE TABLE cart (
  user_id    text        PRIMARY KEY,
  -- Raised by every change, also by emptying: an ETag never comes back.
  version    int         NOT NULL,
  -- [{ productId, quantity, priceWhenAdded: { amountMinor, currency } }]: read and written whole, 50 at most.
  lines      jsonb       NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX cart_changed_at ON cart (changed_at);

-- Read model of product.changed. Rows stay when a product is no longer sold: carts still show its name.
CREATE TABLE product (
  product_id   text    PRIMARY KEY,
  version      bigint  NOT NULL,
  name         text    NOT NULL,
  amount_minor bigint  NOT NULL,
  currency     text    NOT NULL,
  is_active    boolean NOT NULL
);
