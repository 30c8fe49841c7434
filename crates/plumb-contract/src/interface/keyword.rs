//! Which rule a keyword of a schema falls under.
//!
//! Refuses to know schemas.

use crate::interface::rule::{self, Rule};
use crate::openapi::schema::Side;

/// The rules of one group of keywords: what its reader refuses, and what it takes besides.
struct Group {
    request: [&'static Rule; 2],
    response: [&'static Rule; 2],
}

const TYPE: Group = Group {
    request: [&rule::REQUEST_TYPE_NARROWED, &rule::REQUEST_TYPE_WIDENED],
    response: [&rule::RESPONSE_TYPE_WIDENED, &rule::RESPONSE_TYPE_NARROWED],
};

const VALUE: Group = Group {
    request: [&rule::REQUEST_VALUE_NARROWED, &rule::REQUEST_VALUE_WIDENED],
    response: [&rule::RESPONSE_VALUE_WIDENED, &rule::RESPONSE_VALUE_NARROWED],
};

const CLOSED: Group = Group {
    request: [&rule::REQUEST_CLOSED_NARROWED, &rule::REQUEST_CLOSED_WIDENED],
    response: [&rule::RESPONSE_CLOSED_WIDENED, &rule::RESPONSE_CLOSED_NARROWED],
};

const RANGE: Group = Group {
    request: [&rule::REQUEST_RANGE_NARROWED, &rule::REQUEST_RANGE_WIDENED],
    response: [&rule::RESPONSE_RANGE_WIDENED, &rule::RESPONSE_RANGE_NARROWED],
};

const LENGTH: Group = Group {
    request: [&rule::REQUEST_LENGTH_NARROWED, &rule::REQUEST_LENGTH_WIDENED],
    response: [&rule::RESPONSE_LENGTH_WIDENED, &rule::RESPONSE_LENGTH_NARROWED],
};

const PATTERN: Group = Group {
    request: [&rule::REQUEST_PATTERN_NARROWED, &rule::REQUEST_PATTERN_WIDENED],
    response: [&rule::RESPONSE_PATTERN_WIDENED, &rule::RESPONSE_PATTERN_NARROWED],
};

const FORMAT: Group = Group {
    request: [&rule::REQUEST_FORMAT_NARROWED, &rule::REQUEST_FORMAT_WIDENED],
    response: [&rule::RESPONSE_FORMAT_WIDENED, &rule::RESPONSE_FORMAT_NARROWED],
};

const SIZE: Group = Group {
    request: [&rule::REQUEST_SIZE_NARROWED, &rule::REQUEST_SIZE_WIDENED],
    response: [&rule::RESPONSE_SIZE_WIDENED, &rule::RESPONSE_SIZE_NARROWED],
};

const BRANCH: Group = Group {
    request: [&rule::REQUEST_BRANCH_NARROWED, &rule::REQUEST_BRANCH_WIDENED],
    response: [&rule::RESPONSE_BRANCH_WIDENED, &rule::RESPONSE_BRANCH_NARROWED],
};

const FIELD: Group = Group {
    request: [&rule::REQUEST_FIELD_REQUIRED, &rule::REQUEST_FIELD_OPTIONAL],
    response: [&rule::RESPONSE_FIELD_OPTIONAL, &rule::RESPONSE_FIELD_REQUIRED],
};

/// The rule of a reader that refuses by `keyword` what its writer may write.
pub(crate) fn refused(keyword: &str, side: Side) -> &'static Rule {
    of(keyword, side, 0)
}

/// The rule of a reader that takes more than its writer may write, of which `keyword` tells.
pub(crate) fn spared(keyword: &str, side: Side) -> &'static Rule {
    of(keyword, side, 1)
}

fn of(keyword: &str, side: Side, index: usize) -> &'static Rule {
    let group = group(keyword);
    let rules = match side {
        Side::Request => group.request,
        Side::Response => group.response,
    };
    rules[index.min(1)]
}

fn group(keyword: &str) -> &'static Group {
    match keyword {
        "type" => &TYPE,
        "enum" | "const" => &VALUE,
        "required" | "dependentRequired" => &FIELD,
        "additionalProperties"
        | "unevaluatedProperties"
        | "propertyNames"
        | "patternProperties" => &CLOSED,
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => &RANGE,
        "minLength" | "maxLength" => &LENGTH,
        "pattern" => &PATTERN,
        "format" => &FORMAT,
        "minItems" | "maxItems" | "uniqueItems" | "contains" | "minContains" | "maxContains"
        | "minProperties" | "maxProperties" | "items" | "prefixItems" | "unevaluatedItems" => &SIZE,
        _ => &BRANCH,
    }
}
