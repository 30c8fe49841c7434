//! Every pair of schemas of GraphQL is graded as its label says, by one edit each.

use crate::edits::check_all;
use plumb_contract::graphql;

/// Fewer would mean that a file of the catalog is not found.
const PAIRS_MIN: usize = 60;

/// The schema that edits are made to.
const PLAIN: &str = r#"
type Query {
  order(id: ID!, lang: Lang = EN): Order
  orders(filter: Filter, first: Int = 10): [Order!]!
  search(text: String!): [Found!]!
  node(id: ID!): Node
  gone: String @deprecated(reason: "unused")
}
type Mutation {
  place(input: Place!): Order!
  cancel(order: ID!): Boolean
}
interface Node { id: ID! }
type Order implements Node { id: ID! total: Float! note: String state: State! lang: Lang }
type Item implements Node { id: ID! name: String }
union Found = Order | Item
enum State { OPEN SENT DONE }
enum Lang { EN DE }
enum Sort { UP DOWN }
input Filter { sort: Sort text: String least: Int! = 0 }
input Place { item: ID! count: Int = 1 remark: String }
type Unreached { a: Int b: Int! }
scalar Money
directive @slow(ms: Int) repeatable on FIELD | QUERY
directive @cost(n: Int) on FIELD_DEFINITION
"#;

#[test]
fn every_pair_of_schemas_is_graded_as_its_label_says() {
    check_all("graphql", (PLAIN, "a.graphql"), PAIRS_MIN, |_, [old, new]| {
        graphql::changes(&old, &new)
    });
}
