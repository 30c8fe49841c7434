//! Every rule by which a change of an interface is graded: one line each, and why.
//!
//! Ids are facts and stable; none is ever given to another fact. Who sends is the client, also
//! where that is the interface itself, as it is for callbacks and webhooks. Refuses to know how a
//! change is found.

use crate::change::Grade;

/// One rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The id, as printed.
    pub id: &'static str,
    /// What such a change does to parties that stay as they are.
    pub grade: Grade,
    /// Why, in lower case without full stop.
    pub why: &'static str,
}

const fn rule(id: &'static str, grade: Grade, why: &'static str) -> Rule {
    Rule { id, grade, why }
}

pub(crate) const OPERATION_REMOVED: Rule =
    rule("operation-removed", Grade::Breaking, "requests to it are refused");
pub(crate) const OPERATION_TEMPLATED: Rule =
    rule("operation-templated", Grade::Risky, "another operation answers its requests now");
pub(crate) const OPERATION_ADDED: Rule =
    rule("operation-added", Grade::Safe, "nobody calls it yet");
pub(crate) const OPERATION_DEPRECATED: Rule =
    rule("operation-deprecated", Grade::Safe, "it works as before for now");
pub(crate) const OPERATION_RESTORED: Rule =
    rule("operation-restored", Grade::Safe, "it is no longer said to go away");
pub(crate) const OPERATION_SUNSET_PASSED: Rule =
    rule("operation-sunset-passed", Grade::Risky, "it may stop at any time");
pub(crate) const OPERATION_SUNSET_EARLIER: Rule =
    rule("operation-sunset-earlier", Grade::Risky, "clients have less time than they were told");
pub(crate) const CALLBACK_ADDED: Rule =
    rule("callback-added", Grade::Safe, "it reaches those alone who say where");
pub(crate) const CALLBACK_REMOVED: Rule =
    rule("callback-removed", Grade::Risky, "partners that wait for it wait in vain");
pub(crate) const WEBHOOK_ADDED: Rule =
    rule("webhook-added", Grade::Risky, "partners may be sent what they never met");
pub(crate) const WEBHOOK_REMOVED: Rule =
    rule("webhook-removed", Grade::Risky, "partners that wait for it wait in vain");
pub(crate) const PATH_PARAMETER_RENAMED: Rule =
    rule("path-parameter-renamed", Grade::Safe, "the name is not part of any request");
pub(crate) const PARAMETER_REQUIRED_ADDED: Rule = rule(
    "parameter-required-added",
    Grade::Breaking,
    "requests without it are refused, and clients do not know it",
);
pub(crate) const PARAMETER_ADDED: Rule =
    rule("parameter-added", Grade::Safe, "clients need not send it");
pub(crate) const PARAMETER_REQUIRED: Rule =
    rule("parameter-required", Grade::Breaking, "requests without it are refused");
pub(crate) const PARAMETER_OPTIONAL: Rule =
    rule("parameter-optional", Grade::Safe, "clients go on sending it");
pub(crate) const PARAMETER_IGNORED: Rule =
    rule("parameter-ignored", Grade::Safe, "clients go on sending it, and it is ignored");
pub(crate) const PARAMETER_REFUSED: Rule = rule(
    "parameter-refused",
    Grade::Breaking,
    "clients go on sending it, and a strict server refuses it",
);
pub(crate) const PARAMETER_MOVED: Rule = rule(
    "parameter-moved",
    Grade::Breaking,
    "clients send it where it is not looked for, and it is required",
);
pub(crate) const PARAMETER_MOVED_OPTIONAL: Rule =
    rule("parameter-moved-optional", Grade::Risky, "clients send it where it is not looked for");
pub(crate) const PARAMETER_STYLE: Rule =
    rule("parameter-style", Grade::Breaking, "the same value is written as another text");
pub(crate) const PARAMETER_RESERVED: Rule =
    rule("parameter-reserved", Grade::Risky, "reserved characters are sent as they are");
pub(crate) const PARAMETER_EMPTY: Rule =
    rule("parameter-empty", Grade::Breaking, "an empty value was allowed and is refused");
pub(crate) const PARAMETER_MEDIA_TYPE: Rule =
    rule("parameter-media-type", Grade::Breaking, "the value is written in another format");
pub(crate) const PARAMETER_DEFAULT: Rule =
    rule("parameter-default", Grade::Risky, "requests that leave it out mean something else");
pub(crate) const PARAMETER_DEFAULT_ADDED: Rule =
    rule("parameter-default-added", Grade::Safe, "nothing was said of requests that leave it out");
pub(crate) const PARAMETER_DEPRECATED: Rule =
    rule("parameter-deprecated", Grade::Safe, "it works as before for now");
pub(crate) const BODY_REQUIRED_ADDED: Rule = rule(
    "body-required-added",
    Grade::Breaking,
    "requests without a body are refused, and clients send none",
);
pub(crate) const BODY_ADDED: Rule = rule("body-added", Grade::Safe, "clients need not send it");
pub(crate) const BODY_REQUIRED: Rule =
    rule("body-required", Grade::Breaking, "requests without a body are refused");
pub(crate) const BODY_OPTIONAL: Rule =
    rule("body-optional", Grade::Safe, "clients go on sending it");
pub(crate) const BODY_REMOVED: Rule =
    rule("body-removed", Grade::Breaking, "clients go on sending it, and nothing reads it");
pub(crate) const REQUEST_MEDIA_TYPE_REMOVED: Rule = rule(
    "request-media-type-removed",
    Grade::Breaking,
    "clients go on sending it, and it is refused",
);
pub(crate) const REQUEST_MEDIA_TYPE_ADDED: Rule =
    rule("request-media-type-added", Grade::Safe, "clients need not send it");
pub(crate) const ENCODING_STYLE: Rule =
    rule("encoding-style", Grade::Breaking, "the same value is written as another text");
pub(crate) const ENCODING_MEDIA_TYPE: Rule =
    rule("encoding-media-type", Grade::Breaking, "the part is written in another format");
pub(crate) const ENCODING_HEADER: Rule =
    rule("encoding-header", Grade::Breaking, "parts without the header are refused");
pub(crate) const RESPONSE_MEDIA_TYPE_REMOVED: Rule = rule(
    "response-media-type-removed",
    Grade::Breaking,
    "clients that ask for it get something else, or nothing",
);
pub(crate) const RESPONSE_MEDIA_TYPE_ADDED: Rule =
    rule("response-media-type-added", Grade::Safe, "clients do not ask for it");
pub(crate) const RESPONSE_MEDIA_TYPE_WIDENED: Rule = rule(
    "response-media-type-widened",
    Grade::Risky,
    "answers may come in a format that clients do not read",
);
pub(crate) const RESPONSE_BODY_REMOVED: Rule =
    rule("response-body-removed", Grade::Breaking, "clients read a body that is not there");
pub(crate) const RESPONSE_BODY_ADDED: Rule =
    rule("response-body-added", Grade::Safe, "clients read none");
pub(crate) const STATUS_SUCCESS_ADDED: Rule =
    rule("status-success-added", Grade::Breaking, "clients do not know it as a success");
pub(crate) const STATUS_ADDED: Rule =
    rule("status-added", Grade::Risky, "clients take it as any other of its class");
pub(crate) const STATUS_INTERIM_ADDED: Rule =
    rule("status-interim-added", Grade::Safe, "clients pass over it");
pub(crate) const STATUS_SUCCESS_REMOVED: Rule =
    rule("status-success-removed", Grade::Risky, "clients that act on it alone wait in vain");
pub(crate) const STATUS_SUCCESS_GONE: Rule =
    rule("status-success-gone", Grade::Breaking, "no success is left");
pub(crate) const STATUS_REMOVED: Rule =
    rule("status-removed", Grade::Safe, "clients only meet it less");
pub(crate) const HEADER_REMOVED: Rule =
    rule("header-removed", Grade::Breaking, "clients rely on a header that was always there");
pub(crate) const HEADER_OPTIONAL: Rule =
    rule("header-optional", Grade::Breaking, "clients rely on a header that was always there");
pub(crate) const HEADER_UNSENT: Rule =
    rule("header-unsent", Grade::Risky, "clients could never rely on it, and now it never comes");
pub(crate) const HEADER_ADDED: Rule = rule("header-added", Grade::Safe, "clients pass over it");
pub(crate) const HEADER_REQUIRED: Rule =
    rule("header-required", Grade::Safe, "clients may rely on it from now on");
pub(crate) const HEADER_STYLE: Rule =
    rule("header-style", Grade::Breaking, "the same value is written as another text");
pub(crate) const SECURITY_ADDED: Rule =
    rule("security-added", Grade::Breaking, "clients that do not show it are refused");
pub(crate) const SECURITY_SCOPE_ADDED: Rule =
    rule("security-scope-added", Grade::Breaking, "tokens without the scope are refused");
pub(crate) const SECURITY_ALTERNATIVE_REMOVED: Rule =
    rule("security-alternative-removed", Grade::Breaking, "clients that show it are refused");
pub(crate) const SECURITY_ISSUER: Rule =
    rule("security-issuer", Grade::Risky, "what clients show comes from somewhere else");
pub(crate) const SECURITY_REMOVED: Rule =
    rule("security-removed", Grade::Safe, "clients show more than is needed");
pub(crate) const SECURITY_ALTERNATIVE_ADDED: Rule =
    rule("security-alternative-added", Grade::Safe, "clients go on showing what they show");
pub(crate) const SECURITY_SCOPE_REMOVED: Rule =
    rule("security-scope-removed", Grade::Safe, "clients show more than is needed");
pub(crate) const SERVER_PATH: Rule =
    rule("server-path", Grade::Breaking, "every request goes to a path that is not there");
pub(crate) const SERVER_REMOVED: Rule =
    rule("server-removed", Grade::Risky, "clients that use the address need another one");
pub(crate) const SERVER_ADDED: Rule =
    rule("server-added", Grade::Safe, "clients go on using theirs");
pub(crate) const REQUEST_DEFAULT: Rule =
    rule("request-default", Grade::Risky, "requests that leave it out mean something else");
pub(crate) const REQUEST_XML: Rule =
    rule("request-xml", Grade::Breaking, "the same value is written as other XML");
pub(crate) const RESPONSE_XML: Rule =
    rule("response-xml", Grade::Breaking, "the same value is written as other XML");
pub(crate) const REQUEST_ENCODED: Rule =
    rule("request-encoded", Grade::Risky, "the text stands for something else");
pub(crate) const RESPONSE_ENCODED: Rule =
    rule("response-encoded", Grade::Risky, "the text stands for something else");
pub(crate) const REQUEST_FIELD_KNOWN: Rule =
    rule("request-field-known", Grade::Safe, "clients need not send it");
pub(crate) const REQUEST_FIELD_IGNORED: Rule =
    rule("request-field-ignored", Grade::Safe, "clients go on sending it, and it is ignored");
pub(crate) const RESPONSE_FIELD_ADDED: Rule =
    rule("response-field-added", Grade::Safe, "clients pass over it");
pub(crate) const RESPONSE_FIELD_UNSENT: Rule =
    rule("response-field-unsent", Grade::Safe, "clients could never rely on it");
pub(crate) const FIELD_DEPRECATED: Rule =
    rule("field-deprecated", Grade::Safe, "it works as before for now");
pub(crate) const REQUEST_UNDECIDED: Rule =
    rule("request-undecided", Grade::Risky, "it cannot be told whether all that is sent is taken");
pub(crate) const RESPONSE_UNDECIDED: Rule = rule(
    "response-undecided",
    Grade::Risky,
    "it cannot be told whether clients take all that is sent",
);
pub(crate) const REQUEST_TYPE_NARROWED: Rule =
    rule("request-type-narrowed", Grade::Breaking, "types that are sent are refused");
pub(crate) const REQUEST_TYPE_WIDENED: Rule =
    rule("request-type-widened", Grade::Safe, "more types are taken than are sent");
pub(crate) const RESPONSE_TYPE_WIDENED: Rule =
    rule("response-type-widened", Grade::Breaking, "types are sent that clients do not know");
pub(crate) const RESPONSE_TYPE_NARROWED: Rule =
    rule("response-type-narrowed", Grade::Safe, "fewer types are sent than clients take");
pub(crate) const REQUEST_VALUE_NARROWED: Rule =
    rule("request-value-narrowed", Grade::Breaking, "values that are sent are refused");
pub(crate) const REQUEST_VALUE_WIDENED: Rule =
    rule("request-value-widened", Grade::Safe, "more values are taken than are sent");
pub(crate) const RESPONSE_VALUE_WIDENED: Rule =
    rule("response-value-widened", Grade::Breaking, "values are sent that clients do not know");
pub(crate) const RESPONSE_VALUE_NARROWED: Rule =
    rule("response-value-narrowed", Grade::Safe, "fewer values are sent than clients take");
pub(crate) const REQUEST_CLOSED_NARROWED: Rule =
    rule("request-closed-narrowed", Grade::Breaking, "keys that are sent are refused");
pub(crate) const REQUEST_CLOSED_WIDENED: Rule =
    rule("request-closed-widened", Grade::Safe, "more keys are taken than are sent");
pub(crate) const RESPONSE_CLOSED_WIDENED: Rule =
    rule("response-closed-widened", Grade::Breaking, "keys are sent that clients do not know");
pub(crate) const RESPONSE_CLOSED_NARROWED: Rule =
    rule("response-closed-narrowed", Grade::Safe, "fewer keys are sent than clients take");
pub(crate) const REQUEST_RANGE_NARROWED: Rule =
    rule("request-range-narrowed", Grade::Breaking, "numbers that are sent are refused");
pub(crate) const REQUEST_RANGE_WIDENED: Rule =
    rule("request-range-widened", Grade::Safe, "more numbers are taken than are sent");
pub(crate) const RESPONSE_RANGE_WIDENED: Rule =
    rule("response-range-widened", Grade::Breaking, "numbers are sent that clients do not know");
pub(crate) const RESPONSE_RANGE_NARROWED: Rule =
    rule("response-range-narrowed", Grade::Safe, "fewer numbers are sent than clients take");
pub(crate) const REQUEST_LENGTH_NARROWED: Rule =
    rule("request-length-narrowed", Grade::Breaking, "lengths that are sent are refused");
pub(crate) const REQUEST_LENGTH_WIDENED: Rule =
    rule("request-length-widened", Grade::Safe, "more lengths are taken than are sent");
pub(crate) const RESPONSE_LENGTH_WIDENED: Rule =
    rule("response-length-widened", Grade::Breaking, "lengths are sent that clients do not know");
pub(crate) const RESPONSE_LENGTH_NARROWED: Rule =
    rule("response-length-narrowed", Grade::Safe, "fewer lengths are sent than clients take");
pub(crate) const REQUEST_PATTERN_NARROWED: Rule =
    rule("request-pattern-narrowed", Grade::Breaking, "texts that are sent are refused");
pub(crate) const REQUEST_PATTERN_WIDENED: Rule =
    rule("request-pattern-widened", Grade::Safe, "more texts are taken than are sent");
pub(crate) const RESPONSE_PATTERN_WIDENED: Rule =
    rule("response-pattern-widened", Grade::Breaking, "texts are sent that clients do not know");
pub(crate) const RESPONSE_PATTERN_NARROWED: Rule =
    rule("response-pattern-narrowed", Grade::Safe, "fewer texts are sent than clients take");
pub(crate) const REQUEST_FORMAT_NARROWED: Rule =
    rule("request-format-narrowed", Grade::Breaking, "formats that are sent are refused");
pub(crate) const REQUEST_FORMAT_WIDENED: Rule =
    rule("request-format-widened", Grade::Safe, "more formats are taken than are sent");
pub(crate) const RESPONSE_FORMAT_WIDENED: Rule =
    rule("response-format-widened", Grade::Breaking, "formats are sent that clients do not know");
pub(crate) const RESPONSE_FORMAT_NARROWED: Rule =
    rule("response-format-narrowed", Grade::Safe, "fewer formats are sent than clients take");
pub(crate) const REQUEST_SIZE_NARROWED: Rule =
    rule("request-size-narrowed", Grade::Breaking, "sizes that are sent are refused");
pub(crate) const REQUEST_SIZE_WIDENED: Rule =
    rule("request-size-widened", Grade::Safe, "more sizes are taken than are sent");
pub(crate) const RESPONSE_SIZE_WIDENED: Rule =
    rule("response-size-widened", Grade::Breaking, "sizes are sent that clients do not know");
pub(crate) const RESPONSE_SIZE_NARROWED: Rule =
    rule("response-size-narrowed", Grade::Safe, "fewer sizes are sent than clients take");
pub(crate) const REQUEST_BRANCH_NARROWED: Rule =
    rule("request-branch-narrowed", Grade::Breaking, "alternatives that are sent are refused");
pub(crate) const REQUEST_BRANCH_WIDENED: Rule =
    rule("request-branch-widened", Grade::Safe, "more alternatives are taken than are sent");
pub(crate) const RESPONSE_BRANCH_WIDENED: Rule = rule(
    "response-branch-widened",
    Grade::Breaking,
    "alternatives are sent that clients do not know",
);
pub(crate) const RESPONSE_BRANCH_NARROWED: Rule =
    rule("response-branch-narrowed", Grade::Safe, "fewer alternatives are sent than clients take");
pub(crate) const REQUEST_FIELD_REQUIRED: Rule =
    rule("request-field-required", Grade::Breaking, "requests without it are refused");
pub(crate) const REQUEST_FIELD_OPTIONAL: Rule =
    rule("request-field-optional", Grade::Safe, "requests without it are taken as well");
pub(crate) const RESPONSE_FIELD_OPTIONAL: Rule = rule(
    "response-field-optional",
    Grade::Breaking,
    "clients rely on a field that was always there",
);
pub(crate) const RESPONSE_FIELD_REQUIRED: Rule =
    rule("response-field-required", Grade::Safe, "clients may rely on it from now on");

/// Every rule there is.
pub const RULES: [&Rule; 116] = [
    &OPERATION_REMOVED,
    &OPERATION_TEMPLATED,
    &OPERATION_ADDED,
    &OPERATION_DEPRECATED,
    &OPERATION_RESTORED,
    &OPERATION_SUNSET_PASSED,
    &OPERATION_SUNSET_EARLIER,
    &CALLBACK_ADDED,
    &CALLBACK_REMOVED,
    &WEBHOOK_ADDED,
    &WEBHOOK_REMOVED,
    &PATH_PARAMETER_RENAMED,
    &PARAMETER_REQUIRED_ADDED,
    &PARAMETER_ADDED,
    &PARAMETER_REQUIRED,
    &PARAMETER_OPTIONAL,
    &PARAMETER_IGNORED,
    &PARAMETER_REFUSED,
    &PARAMETER_MOVED,
    &PARAMETER_MOVED_OPTIONAL,
    &PARAMETER_STYLE,
    &PARAMETER_RESERVED,
    &PARAMETER_EMPTY,
    &PARAMETER_MEDIA_TYPE,
    &PARAMETER_DEFAULT,
    &PARAMETER_DEFAULT_ADDED,
    &PARAMETER_DEPRECATED,
    &BODY_REQUIRED_ADDED,
    &BODY_ADDED,
    &BODY_REQUIRED,
    &BODY_OPTIONAL,
    &BODY_REMOVED,
    &REQUEST_MEDIA_TYPE_REMOVED,
    &REQUEST_MEDIA_TYPE_ADDED,
    &ENCODING_STYLE,
    &ENCODING_MEDIA_TYPE,
    &ENCODING_HEADER,
    &RESPONSE_MEDIA_TYPE_REMOVED,
    &RESPONSE_MEDIA_TYPE_ADDED,
    &RESPONSE_MEDIA_TYPE_WIDENED,
    &RESPONSE_BODY_REMOVED,
    &RESPONSE_BODY_ADDED,
    &STATUS_SUCCESS_ADDED,
    &STATUS_ADDED,
    &STATUS_INTERIM_ADDED,
    &STATUS_SUCCESS_REMOVED,
    &STATUS_SUCCESS_GONE,
    &STATUS_REMOVED,
    &HEADER_REMOVED,
    &HEADER_OPTIONAL,
    &HEADER_UNSENT,
    &HEADER_ADDED,
    &HEADER_REQUIRED,
    &HEADER_STYLE,
    &SECURITY_ADDED,
    &SECURITY_SCOPE_ADDED,
    &SECURITY_ALTERNATIVE_REMOVED,
    &SECURITY_ISSUER,
    &SECURITY_REMOVED,
    &SECURITY_ALTERNATIVE_ADDED,
    &SECURITY_SCOPE_REMOVED,
    &SERVER_PATH,
    &SERVER_REMOVED,
    &SERVER_ADDED,
    &REQUEST_DEFAULT,
    &REQUEST_XML,
    &RESPONSE_XML,
    &REQUEST_ENCODED,
    &RESPONSE_ENCODED,
    &REQUEST_FIELD_KNOWN,
    &REQUEST_FIELD_IGNORED,
    &RESPONSE_FIELD_ADDED,
    &RESPONSE_FIELD_UNSENT,
    &FIELD_DEPRECATED,
    &REQUEST_UNDECIDED,
    &RESPONSE_UNDECIDED,
    &REQUEST_TYPE_NARROWED,
    &REQUEST_TYPE_WIDENED,
    &RESPONSE_TYPE_WIDENED,
    &RESPONSE_TYPE_NARROWED,
    &REQUEST_VALUE_NARROWED,
    &REQUEST_VALUE_WIDENED,
    &RESPONSE_VALUE_WIDENED,
    &RESPONSE_VALUE_NARROWED,
    &REQUEST_CLOSED_NARROWED,
    &REQUEST_CLOSED_WIDENED,
    &RESPONSE_CLOSED_WIDENED,
    &RESPONSE_CLOSED_NARROWED,
    &REQUEST_RANGE_NARROWED,
    &REQUEST_RANGE_WIDENED,
    &RESPONSE_RANGE_WIDENED,
    &RESPONSE_RANGE_NARROWED,
    &REQUEST_LENGTH_NARROWED,
    &REQUEST_LENGTH_WIDENED,
    &RESPONSE_LENGTH_WIDENED,
    &RESPONSE_LENGTH_NARROWED,
    &REQUEST_PATTERN_NARROWED,
    &REQUEST_PATTERN_WIDENED,
    &RESPONSE_PATTERN_WIDENED,
    &RESPONSE_PATTERN_NARROWED,
    &REQUEST_FORMAT_NARROWED,
    &REQUEST_FORMAT_WIDENED,
    &RESPONSE_FORMAT_WIDENED,
    &RESPONSE_FORMAT_NARROWED,
    &REQUEST_SIZE_NARROWED,
    &REQUEST_SIZE_WIDENED,
    &RESPONSE_SIZE_WIDENED,
    &RESPONSE_SIZE_NARROWED,
    &REQUEST_BRANCH_NARROWED,
    &REQUEST_BRANCH_WIDENED,
    &RESPONSE_BRANCH_WIDENED,
    &RESPONSE_BRANCH_NARROWED,
    &REQUEST_FIELD_REQUIRED,
    &REQUEST_FIELD_OPTIONAL,
    &RESPONSE_FIELD_OPTIONAL,
    &RESPONSE_FIELD_REQUIRED,
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_and_in_kebab_case() {
        let ids: BTreeSet<&str> = RULES.iter().map(|rule| rule.id).collect();
        assert_eq!(ids.len(), RULES.len());
        for id in ids {
            assert!(id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{id}");
        }
    }

    #[test]
    fn every_rule_stands_in_the_documentation() {
        let page = include_str!("../../../../docs/formats/compat-openapi.md");
        for rule in RULES {
            let row = format!("| `{}` | {:?} | {} |", rule.id, rule.grade, rule.why);
            assert!(page.to_lowercase().contains(&row.to_lowercase()), "no row: {row}");
        }
    }
}
