-- What a product was sold for, by version: an order at a price that the product never had is none, and the reconciliation asks too.
CREATE TABLE product_version (
  product_id text NOT NULL REFERENCES product,
  version int NOT NULL,
  price_minor bigint NOT NULL,
  currency text NOT NULL,
  is_active boolean NOT NULL,
  since timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (product_id, version)
);
-- Earlier versions are not known any more: of products whose history does not begin at 1 no earlier price is judged.
INSERT INTO product_version SELECT product_id, version, price_minor, currency, is_active, changed_at FROM product;

-- Whose order it is and over what, as order.placed told: its end must tell the same. Null where it was placed before this, or never.
ALTER TABLE reservation
  ADD COLUMN user_id text,
  ADD COLUMN total_minor bigint,
  ADD COLUMN currency text,
  ADD CHECK ((user_id IS NULL) = (total_minor IS NULL) AND (user_id IS NULL) = (currency IS NULL));
