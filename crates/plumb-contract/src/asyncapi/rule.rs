//! Every rule by which a change of an application's messages is graded: one line each, and why.
//!
//! Ids are facts and stable; none is ever given to another fact. Refuses to know how a change is
//! found.

use crate::change::Grade;

/// One rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// The id, as printed.
    pub(super) id: &'static str,
    /// What such a change does to parties that stay as they are.
    pub(super) grade: Grade,
    /// Why, in lower case without full stop.
    pub(super) why: &'static str,
}

const fn rule(id: &'static str, grade: Grade, why: &'static str) -> Rule {
    Rule { id, grade, why }
}

pub(super) const CHANNEL_REMOVED: Rule =
    rule("channel-removed", Grade::Breaking, "partners that use it find nothing there");
pub(super) const CHANNEL_ADDED: Rule = rule("channel-added", Grade::Safe, "nobody uses it yet");
pub(super) const CHANNEL_ADDRESS: Rule =
    rule("channel-address-changed", Grade::Breaking, "partners stay at the old address");
pub(super) const CHANNEL_SERVERS: Rule =
    rule("channel-servers-changed", Grade::Risky, "partners at another server do not reach it");
pub(super) const OPERATION_REMOVED: Rule =
    rule("operation-removed", Grade::Breaking, "partners go on writing, and nobody reads it");
pub(super) const OPERATION_GONE_QUIET: Rule =
    rule("operation-removed", Grade::Risky, "partners that wait for messages wait in vain");
pub(super) const OPERATION_ADDED: Rule =
    rule("operation-added", Grade::Safe, "no partner takes part in it yet");
pub(super) const OPERATION_SENDS: Rule =
    rule("operation-added", Grade::Risky, "partners on the channel meet messages they do not know");
pub(super) const REPLY_REMOVED: Rule =
    rule("reply-removed", Grade::Breaking, "partners wait for an answer that does not come");
pub(super) const REPLY_ADDED: Rule =
    rule("reply-added", Grade::Safe, "partners that expect no answer ignore it");
pub(super) const REPLY_EXPECTED: Rule =
    rule("reply-expected", Grade::Breaking, "partners do not answer what they never had to");
pub(super) const REPLY_IGNORED: Rule =
    rule("reply-ignored", Grade::Safe, "partners go on answering, and it is ignored");
pub(super) const MESSAGE_REMOVED: Rule =
    rule("message-removed", Grade::Breaking, "partners go on writing it, and it is not read");
pub(super) const MESSAGE_NOT_SENT: Rule =
    rule("message-removed", Grade::Risky, "partners that wait for it wait in vain");
pub(super) const MESSAGE_TAKEN: Rule =
    rule("message-added", Grade::Safe, "no partner writes it yet");
pub(super) const MESSAGE_SENT: Rule =
    rule("message-added", Grade::Risky, "partners are sent what they never met");
pub(super) const MESSAGE_RENAMED: Rule =
    rule("message-renamed", Grade::Risky, "who tells messages apart by name does not know it");
pub(super) const CONTENT_TYPE: Rule =
    rule("content-type-changed", Grade::Breaking, "the same message is written in other bytes");
pub(super) const CONTENT_TYPE_KIN: Rule =
    rule("content-type-changed", Grade::Risky, "who looks at the name of the type refuses it");
pub(super) const CORRELATION: Rule =
    rule("correlation-id-changed", Grade::Risky, "partners look for it where it no longer stands");
pub(super) const PARAMETER_LOCATION: Rule =
    rule("parameter-location-changed", Grade::Risky, "partners take the address from elsewhere");
pub(super) const BINDINGS: Rule =
    rule("bindings-changed", Grade::Risky, "what the protocol makes of it is not compared");
pub(super) const SECURITY: Rule =
    rule("security-changed", Grade::Risky, "partners may lack what they are asked for");
pub(super) const SERVER_REMOVED: Rule =
    rule("server-removed", Grade::Breaking, "partners that connect to it are refused");
pub(super) const SERVER_ADDED: Rule =
    rule("server-added", Grade::Safe, "nobody connects to it yet");
pub(super) const SERVER_ADDRESS: Rule =
    rule("server-address-changed", Grade::Risky, "partners stay at the old address");
pub(super) const SERVER_PROTOCOL: Rule =
    rule("server-protocol-changed", Grade::Breaking, "partners speak another protocol");
pub(super) const SERVER_PROTOCOL_VERSION: Rule =
    rule("server-protocol-version-changed", Grade::Risky, "partners may not speak it");

/// A part of a message that schemas describe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// What the message is about.
    Payload,
    /// What stands beside it.
    Headers,
    /// A part of the channel's address.
    Parameter,
}

/// The id of a break by the keyword that refuses: first of payloads, then of headers, then of
/// parameters.
pub(super) fn refused(part: Part, keyword: &str) -> &'static str {
    let ids = match keyword {
        "type" => ["payload-type", "headers-type", "parameter-type"],
        "enum" | "const" => ["payload-values", "headers-values", "parameter-values"],
        "required" | "dependentRequired" => {
            ["payload-required", "headers-required", "parameter-required"]
        }
        "additionalProperties" | "unevaluatedProperties" | "propertyNames" => {
            ["payload-names", "headers-names", "parameter-names"]
        }
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
            ["payload-range", "headers-range", "parameter-range"]
        }
        "minLength" | "maxLength" => ["payload-length", "headers-length", "parameter-length"],
        "pattern" => ["payload-pattern", "headers-pattern", "parameter-pattern"],
        "format" => ["payload-format", "headers-format", "parameter-format"],
        "minItems" | "maxItems" | "uniqueItems" | "contains" | "minProperties"
        | "maxProperties" | "items" | "additionalItems" | "unevaluatedItems" => {
            ["payload-size", "headers-size", "parameter-size"]
        }
        _ => ["payload-alternatives", "headers-alternatives", "parameter-alternatives"],
    };
    one(part, ids)
}

/// The id of what cannot be told of a part.
pub(super) fn undecided(part: Part) -> &'static str {
    one(part, ["payload-undecided", "headers-undecided", "parameter-undecided"])
}

/// The id of a break between schemas of Avro.
pub(super) fn unresolved(part: Part) -> &'static str {
    one(part, ["payload-avro", "headers-avro", "parameter-avro"])
}

const fn one(part: Part, [payload, headers, parameter]: [&'static str; 3]) -> &'static str {
    match part {
        Part::Payload => payload,
        Part::Headers => headers,
        Part::Parameter => parameter,
    }
}
