//! Every pair of schemas of SQL is graded as its label says, by one edit each.

use crate::edits::check_all;
use plumb_contract::compared::Flow;
use plumb_contract::sql;

/// Fewer would mean that a file of the catalog is not found.
const PAIRS_MIN: usize = 45;

/// The schema that edits are made to.
const PLAIN: &str = "
CREATE TYPE state AS ENUM ('open', 'sent');
CREATE TABLE customers (id bigint PRIMARY KEY, name varchar(80) NOT NULL);
CREATE TABLE orders (
  id bigserial PRIMARY KEY,
  number integer NOT NULL,
  total numeric(8, 2) NOT NULL DEFAULT 0,
  note text,
  code varchar(10),
  state state NOT NULL DEFAULT 'open',
  kind text CHECK (kind IN ('a', 'b')),
  customer bigint NOT NULL,
  placed timestamptz NOT NULL DEFAULT now(),
  UNIQUE (number, customer)
);
-- more
";

#[test]
fn every_pair_of_tables_is_graded_as_its_label_says() {
    check_all("sql", (PLAIN, "a.sql"), PAIRS_MIN, |pair, [old, new]| {
        let flow = match pair.text("flow") {
            None | Some("both") => Flow::Both,
            Some("old-writes") => Flow::OldWrites,
            Some("new-writes") => Flow::NewWrites,
            Some(other) => panic!("{}: no such flow: {other}", pair.name()),
        };
        sql::changes(&[&old], &[&new], flow)
    });
}
