//! Rows made up for tables with rules, on the installed server.

use crate::fill::fill;
use crate::host::{Server, host};
use crate::programs::wanted_in_tests;

const SCHEMA: &str = "
CREATE TYPE mood AS ENUM ('calm', 'glad');
CREATE DOMAIN code AS varchar(6) CHECK (length(VALUE) > 0);
CREATE TABLE place (country char(2), zip varchar(8), PRIMARY KEY (country, zip));
CREATE TABLE person (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  key uuid NOT NULL UNIQUE, email varchar(20) NOT NULL UNIQUE, code code NOT NULL,
  mood mood NOT NULL, tags text[] NOT NULL, born date NOT NULL, seen timestamptz NOT NULL,
  rank smallint NOT NULL, share numeric(5,2) NOT NULL, state text NOT NULL
    CHECK (state IN ('open', 'shut')),
  level int NOT NULL CHECK (level > 10), data jsonb NOT NULL, raw bytea NOT NULL,
  ip inet NOT NULL, twice int GENERATED ALWAYS AS (rank * 2) STORED,
  country char(2), zip varchar(8), boss bigint REFERENCES person,
  FOREIGN KEY (country, zip) REFERENCES place
);
CREATE TABLE visit (id serial, person bigint NOT NULL REFERENCES person, at date NOT NULL,
  PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE visit_all PARTITION OF visit DEFAULT;
CREATE TABLE a (id int PRIMARY KEY, b int NOT NULL);
CREATE TABLE b (id int PRIMARY KEY, a int NOT NULL REFERENCES a);
ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b;
CREATE TABLE strict (id int NOT NULL CHECK (id % 7 = 3 AND id < 0));
CREATE TABLE seeded (id int PRIMARY KEY);
INSERT INTO seeded VALUES (1), (2);
CREATE TABLE schema_migrations (version bigint PRIMARY KEY, dirty boolean NOT NULL);
";

#[test]
fn rows_keep_to_types_and_rules_and_what_cannot_is_told() {
    let host = host(&Server::Private(wanted_in_tests()), "UTC").unwrap();
    host.make("origin", None).unwrap();
    let link = host.connect("origin").unwrap();
    link.run(SCHEMA).unwrap();
    let unfilled = fill(&link, 500).unwrap();
    let tables: Vec<&str> = unfilled.iter().map(|one| one.table.as_str()).collect();
    assert_eq!(tables, ["strict"], "{unfilled:#?}");
    let count = |table: &str| link.one(&format!("SELECT count(*) FROM {table}")).unwrap().unwrap();
    for (table, rows) in [
        ("place", "500"),
        ("person", "500"),
        ("visit", "500"),
        ("seeded", "2"),
        ("schema_migrations", "0"),
    ] {
        assert_eq!(count(table), rows, "{table}");
    }
    assert_eq!(count("person WHERE state NOT IN ('open', 'shut') OR level <= 10"), "0");
    // What is checked later holds now.
    link.run("ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b").unwrap();
    link.run("ALTER TABLE person ADD FOREIGN KEY (boss) REFERENCES person").unwrap();
    assert_eq!(count("person p JOIN place USING (country, zip)"), "500");
    // The next number of a sequence is a free one.
    link.run("INSERT INTO visit (person, at) VALUES (1, '2024-01-01')").unwrap();
}
