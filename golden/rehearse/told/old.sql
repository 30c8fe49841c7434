CREATE TABLE users (id serial PRIMARY KEY, email varchar(40) NOT NULL UNIQUE, name text);
CREATE TABLE orders (
  id int PRIMARY KEY,
  user_id int NOT NULL REFERENCES users,
  total int,
  at timestamp NOT NULL
);
