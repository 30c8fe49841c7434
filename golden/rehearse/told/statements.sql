-- component: shop 1.42
SELECT * FROM users WHERE id = $1;
INSERT INTO users (email, name) VALUES ($1, 'ada');
-- component: worker 7
UPDATE orders SET total = $1 WHERE id = $2;
SELECT nothing FROM nowhere;
