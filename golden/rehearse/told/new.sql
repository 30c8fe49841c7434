ALTER TABLE users ADD COLUMN phone text;
ALTER TABLE orders ALTER COLUMN total TYPE bigint;
CREATE INDEX orders_user ON orders (user_id);
ALTER TABLE users DROP COLUMN name;
