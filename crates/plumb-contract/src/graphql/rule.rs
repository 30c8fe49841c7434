//! Every rule by which a change of a schema is graded: one line each, and why.
//!
//! Ids are facts and stable; none is ever given to another fact. Refuses to know how a change is
//! found.

use crate::change::{Direction, Grade};
use crate::rule::Rule;

/// A rule about what clients write.
const fn asked(id: &'static str, grade: Grade, why: &'static str) -> Rule {
    Rule { id, grade, direction: Direction::OldWrites, why }
}

/// A rule about what they are answered.
const fn answered(id: &'static str, grade: Grade, why: &'static str) -> Rule {
    Rule { id, grade, direction: Direction::NewWrites, why }
}

use Grade::{Breaking, Risky, Safe};

pub(super) const OPERATION_REMOVED: Rule =
    asked("operation-removed", Breaking, "operations that begin there are refused");
pub(super) const OPERATION_ADDED: Rule = asked("operation-added", Safe, "nobody asks for it yet");
pub(super) const ROOT_RENAMED: Rule =
    asked("root-type-renamed", Risky, "fragments on the old name are refused");
pub(super) const ROOT_REMOVED: Rule =
    asked("operation-kind-removed", Breaking, "operations of that kind are refused");
pub(super) const TYPE_REMOVED: Rule =
    asked("type-removed", Breaking, "fragments and variables that name it are refused");
pub(super) const TYPE_ADDED: Rule = asked("type-added", Safe, "nobody names it yet");
pub(super) const TYPE_KIND: Rule =
    asked("type-kind-changed", Breaking, "what was asked of it no longer makes sense");
pub(super) const TYPE_KIND_NEAR: Rule =
    asked("type-kind-changed", Risky, "typed clients take it for the one object that it was");
pub(super) const FIELD_REMOVED: Rule =
    asked("field-removed", Breaking, "operations that ask for it are refused as a whole");
pub(super) const FIELD_ADDED: Rule = asked("field-added", Safe, "nobody asks for it yet");
pub(super) const FIELD_TYPE: Rule =
    answered("field-type-changed", Breaking, "clients read another type");
pub(super) const FIELD_TYPE_NEAR: Rule =
    answered("field-type-changed", Risky, "it is written alike, and typed clients take it amiss");
pub(super) const FIELD_NULLABLE: Rule =
    answered("field-nullable", Breaking, "null comes to clients that never met it");
pub(super) const FIELD_NON_NULL: Rule =
    answered("field-non-null", Safe, "clients need not look for null any more");
pub(super) const VALUE_SENT: Rule =
    answered("enum-value-added", Risky, "clients that tell values apart do not know it");
pub(super) const VALUE_TAKEN: Rule = asked("enum-value-added", Safe, "no client writes it yet");
pub(super) const VALUE_REMOVED: Rule =
    asked("enum-value-removed", Breaking, "clients go on writing it, and it is refused");
pub(super) const VALUE_NOT_SENT: Rule =
    answered("enum-value-removed", Safe, "clients wait for it in vain, and take the others");
pub(super) const MEMBER_ADDED: Rule =
    answered("union-member-added", Risky, "clients that tell members apart do not know it");
pub(super) const MEMBER_REMOVED: Rule =
    asked("union-member-removed", Breaking, "fragments on it are refused");
pub(super) const INTERFACE_ADDED: Rule =
    answered("interface-added", Risky, "it comes where clients know the others alone");
pub(super) const INTERFACE_REMOVED: Rule =
    asked("interface-removed", Breaking, "fragments on it are refused where only the other comes");
pub(super) const ARGUMENT_REMOVED: Rule =
    asked("argument-removed", Breaking, "operations that give it are refused");
pub(super) const ARGUMENT_ADDED: Rule = asked("argument-added", Safe, "clients need not give it");
pub(super) const ARGUMENT_REQUIRED_ADDED: Rule =
    asked("argument-required-added", Breaking, "operations that do not give it are refused");
pub(super) const ARGUMENT_REQUIRED: Rule =
    asked("argument-required", Breaking, "operations that do not give it are refused");
pub(super) const ARGUMENT_OPTIONAL: Rule =
    asked("argument-optional", Safe, "clients go on giving it");
pub(super) const ARGUMENT_TYPE: Rule =
    asked("argument-type-changed", Breaking, "variables of the old type are refused");
pub(super) const ARGUMENT_NON_NULL: Rule = asked("argument-non-null", Breaking, "null is refused");
pub(super) const ARGUMENT_DEFAULT: Rule =
    asked("argument-default-changed", Risky, "operations that do not give it mean another thing");
pub(super) const INPUT_REMOVED: Rule =
    asked("input-field-removed", Breaking, "values that hold it are refused");
pub(super) const INPUT_ADDED: Rule = asked("input-field-added", Safe, "clients need not give it");
pub(super) const INPUT_REQUIRED_ADDED: Rule =
    asked("input-field-required-added", Breaking, "values without it are refused");
pub(super) const INPUT_REQUIRED: Rule =
    asked("input-field-required", Breaking, "values without it are refused");
pub(super) const INPUT_OPTIONAL: Rule =
    asked("input-field-optional", Safe, "clients go on giving it");
pub(super) const INPUT_TYPE: Rule =
    asked("input-field-type-changed", Breaking, "variables of the old type are refused");
pub(super) const INPUT_NON_NULL: Rule = asked("input-field-non-null", Breaking, "null is refused");
pub(super) const INPUT_DEFAULT: Rule =
    asked("input-field-default-changed", Risky, "values without it mean another thing");
pub(super) const DEPRECATED: Rule = asked("deprecated", Safe, "it works as before for now");
pub(super) const RESTORED: Rule = asked("restored", Safe, "it is no longer said to go away");
pub(super) const APPLIED: Rule =
    asked("directives-changed", Risky, "what the server makes of its directives is not compared");
pub(super) const DIRECTIVE_REMOVED: Rule =
    asked("directive-removed", Breaking, "operations that hold it are refused");
pub(super) const DIRECTIVE_ADDED: Rule = asked("directive-added", Safe, "nobody writes it yet");
pub(super) const DIRECTIVE_LOCATION: Rule =
    asked("directive-location-removed", Breaking, "operations that hold it there are refused");
pub(super) const DIRECTIVE_ONCE: Rule =
    asked("directive-not-repeatable", Breaking, "operations that hold it twice are refused");
