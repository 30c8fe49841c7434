ALTER TABLE users ADD COLUMN name text;
DROP INDEX orders_user;
ALTER TABLE orders ALTER COLUMN total TYPE int;
ALTER TABLE users DROP COLUMN phone;
