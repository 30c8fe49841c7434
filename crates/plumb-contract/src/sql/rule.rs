//! Every rule by which a change of a table is graded: one line each, and why.
//!
//! Ids are facts and stable; none is ever given to another fact. Refuses to know how a change is
//! found.

use crate::change::Direction::{self, Both, NewWrites, OldWrites};
use crate::change::Grade::{self, Breaking, Risky, Safe};
use crate::rule::Rule;

const fn rule(id: &'static str, grade: Grade, direction: Direction, why: &'static str) -> Rule {
    Rule { id, grade, direction, why }
}

pub(super) const TABLE_REMOVED: Rule =
    rule("table-removed", Breaking, Both, "statements that name it are refused");
pub(super) const TABLE_ADDED: Rule = rule("table-added", Safe, Both, "no statement names it yet");
pub(super) const COLUMN_REMOVED: Rule =
    rule("column-removed", Breaking, Both, "statements that name it are refused");
pub(super) const COLUMN_ADDED: Rule =
    rule("column-added", Safe, Both, "old code goes on without it");
pub(super) const COLUMN_REQUIRED_ADDED: Rule =
    rule("column-required-added", Breaking, OldWrites, "old code does not write it");
pub(super) const COLUMN_NARROWED: Rule =
    rule("column-type-narrowed", Breaking, OldWrites, "values that were taken are refused");
pub(super) const COLUMN_WIDENED: Rule =
    rule("column-type-widened", Breaking, NewWrites, "values come for which old code has no room");
pub(super) const COLUMN_LONGER: Rule =
    rule("column-type-widened", Risky, NewWrites, "old code may have room for shorter text alone");
pub(super) const COLUMN_TYPE: Rule =
    rule("column-type-changed", Breaking, Both, "the values are of another kind");
pub(super) const COLUMN_UNSURE: Rule =
    rule("column-type-changed", Risky, Both, "how one is read as the other depends on the code");
pub(super) const COLUMN_UNDECIDED: Rule =
    rule("column-type-undecided", Risky, Both, "what the types have in common cannot be told");
pub(super) const VALUES_REMOVED: Rule =
    rule("column-values-removed", Breaking, OldWrites, "values that were taken are refused");
pub(super) const VALUES_ADDED: Rule =
    rule("column-values-added", Risky, NewWrites, "old code meets values that it does not know");
pub(super) const NOT_NULL: Rule =
    rule("column-not-null", Breaking, OldWrites, "old rows and old code have nulls there");
pub(super) const NULLABLE: Rule =
    rule("column-nullable", Breaking, NewWrites, "old code meets null where there was none");
pub(super) const DEFAULT_NEEDED: Rule =
    rule("column-default-removed", Breaking, OldWrites, "old code that leaves it out is refused");
pub(super) const DEFAULT_REMOVED: Rule =
    rule("column-default-removed", Risky, OldWrites, "what old code leaves out becomes null");
pub(super) const DEFAULT_CHANGED: Rule = rule(
    "column-default-changed",
    Risky,
    OldWrites,
    "what old code leaves out means another thing",
);
pub(super) const DEFAULT_ADDED: Rule =
    rule("column-default-added", Safe, Both, "it stands in where null did, or nothing was taken");
pub(super) const COMPUTED: Rule =
    rule("column-computed", Breaking, OldWrites, "old code that writes it is refused");
pub(super) const KEY_ADDED: Rule =
    rule("key-added", Breaking, OldWrites, "rows that were taken side by side are refused");
pub(super) const KEY_REMOVED: Rule =
    rule("key-removed", Risky, NewWrites, "old code meets several rows where there was one");
pub(super) const CHECK_ADDED: Rule =
    rule("check-added", Breaking, OldWrites, "rows that were taken are refused");
pub(super) const CHECK_REMOVED: Rule =
    rule("check-removed", Risky, NewWrites, "old code meets rows that were refused");
pub(super) const FOREIGN_ADDED: Rule =
    rule("foreign-key-added", Breaking, OldWrites, "rows that name none of its rows are refused");
pub(super) const FOREIGN_REMOVED: Rule =
    rule("foreign-key-removed", Risky, NewWrites, "old code meets rows that name none");
