CREATE TABLE item (id bigint PRIMARY KEY, note varchar(200));
