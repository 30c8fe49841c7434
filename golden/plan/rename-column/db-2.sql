CREATE TABLE person (id bigint PRIMARY KEY, full_name text NOT NULL);
