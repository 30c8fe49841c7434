//! The rules: which difference is worth a finding, and what it is called. Ids are facts, never
//! reused; each has a page in the catalog.

use plumb_shape::difference::DifferenceKind;
use plumb_shape::place::{Part, Place, Side};

/// Every rule there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// An operation that used to answer is answered as unknown.
    OperationGone,
    /// A status that is said is not seen any more for such requests.
    StatusGone,
    /// A status is seen that nothing is said of.
    StatusNew,
    /// The media type of the response changed.
    MediaTypeChanged,
    /// A field said to be always there is never there.
    ResponseFieldGone,
    /// A field said to be always there is absent at times.
    ResponseFieldOptional,
    /// A field said to be there at times has stopped appearing.
    ResponseFieldNeverSeen,
    /// A field is there that nothing is said of.
    ResponseFieldNew,
    /// A value has another type than said.
    ResponseTypeChanged,
    /// A value is null where null is not said.
    ResponseNull,
    /// A string or array is empty where only filled ones are said.
    ResponseEmpty,
    /// A string has another format than said.
    ResponseFormatChanged,
    /// A number is wider than said.
    ResponseNumberWidened,
    /// A value outside the vocabulary that is said.
    ResponseValueNew,
    /// A list holds elements beside those that the query asks for.
    ResponseUnselected,
    /// A header that is said is gone.
    ResponseHeaderGone,
    /// A header that is said is absent at times.
    ResponseHeaderOptional,
    /// A header that nothing is said of.
    ResponseHeaderNew,
    /// Requests now carry a field that is not said; without it they fail.
    RequestFieldRequired,
    /// Requests carry a field or parameter that is not said.
    RequestFieldNew,
    /// Requests lack a field or parameter that is said to be there.
    RequestFieldGone,
    /// Requests carry a value that is not said: another type, null, empty, wider, other words.
    RequestValueChanged,
    /// Two claims cannot both be true.
    ClaimsContradict,
}

/// Every rule, in catalog order.
pub const RULES: [Rule; 23] = [
    Rule::OperationGone,
    Rule::StatusGone,
    Rule::StatusNew,
    Rule::MediaTypeChanged,
    Rule::ResponseFieldGone,
    Rule::ResponseFieldOptional,
    Rule::ResponseFieldNeverSeen,
    Rule::ResponseFieldNew,
    Rule::ResponseTypeChanged,
    Rule::ResponseNull,
    Rule::ResponseEmpty,
    Rule::ResponseFormatChanged,
    Rule::ResponseNumberWidened,
    Rule::ResponseValueNew,
    Rule::ResponseUnselected,
    Rule::ResponseHeaderGone,
    Rule::ResponseHeaderOptional,
    Rule::ResponseHeaderNew,
    Rule::RequestFieldRequired,
    Rule::RequestFieldNew,
    Rule::RequestFieldGone,
    Rule::RequestValueChanged,
    Rule::ClaimsContradict,
];

impl Rule {
    /// The id, as printed, configured and explained.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::OperationGone => "operation-gone",
            Self::StatusGone => "status-gone",
            Self::StatusNew => "status-new",
            Self::MediaTypeChanged => "media-type-changed",
            Self::ResponseFieldGone => "response-field-gone",
            Self::ResponseFieldOptional => "response-field-optional",
            Self::ResponseFieldNeverSeen => "response-field-never-seen",
            Self::ResponseFieldNew => "response-field-new",
            Self::ResponseTypeChanged => "response-type-changed",
            Self::ResponseNull => "response-null",
            Self::ResponseEmpty => "response-empty",
            Self::ResponseFormatChanged => "response-format-changed",
            Self::ResponseNumberWidened => "response-number-widened",
            Self::ResponseValueNew => "response-value-new",
            Self::ResponseUnselected => "response-unselected",
            Self::ResponseHeaderGone => "response-header-gone",
            Self::ResponseHeaderOptional => "response-header-optional",
            Self::ResponseHeaderNew => "response-header-new",
            Self::RequestFieldRequired => "request-field-required",
            Self::RequestFieldNew => "request-field-new",
            Self::RequestFieldGone => "request-field-gone",
            Self::RequestValueChanged => "request-value-changed",
            Self::ClaimsContradict => "claims-contradict",
        }
    }

    /// The rule with this id.
    #[must_use]
    pub fn by_id(id: &str) -> Option<Self> {
        RULES.into_iter().find(|rule| rule.id() == id)
    }

    /// What to do about a finding of this rule, in one line.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::OperationGone => "move the caller to the operation that replaced it",
            Self::StatusGone => "change the claim to the status that is answered now",
            Self::StatusNew => "add a case for this status to the tests",
            Self::MediaTypeChanged => "change the claim's body and content type",
            Self::ResponseFieldGone => "remove the field from the claim and see who reads it",
            Self::ResponseFieldOptional => "add a case without the field to the tests",
            Self::ResponseFieldNeverSeen => "ask the provider whether the field is still written",
            Self::ResponseFieldNew => "add the field to the claim if anything should read it",
            Self::ResponseTypeChanged => "change the value in the claim to the type seen",
            Self::ResponseNull => "add a case with null to the tests",
            Self::ResponseEmpty => "add a case with an empty value to the tests",
            Self::ResponseFormatChanged => "change the value in the claim to the format seen",
            Self::ResponseNumberWidened => "add a case with such a number to the tests",
            Self::ResponseValueNew => "add a case with an unknown value to the tests",
            Self::ResponseUnselected => "ask the provider whether the filter is still applied",
            Self::ResponseHeaderGone => "remove the header from the claim and see who reads it",
            Self::ResponseHeaderOptional => "add a case without the header to the tests",
            Self::ResponseHeaderNew => "add the header to the claim if anything should read it",
            Self::RequestFieldRequired => "send the field, and say it in the claim",
            Self::RequestFieldNew => "say the field in the claim's request",
            Self::RequestFieldGone => "remove the field from the claim's request",
            Self::RequestValueChanged => "change the value in the claim's request",
            Self::ClaimsContradict => "ask reality which of the two is right and mend the other",
        }
    }

    /// The rule that a difference at a place falls under; `None` when it is worth no finding.
    #[must_use]
    pub fn of_difference(place: &Place, kind: DifferenceKind) -> Option<Self> {
        match (place.side, place.part) {
            (Side::Response, Part::Header) => Self::of_header(kind),
            (_, Part::MediaType) if place.side == Side::Response => match kind {
                DifferenceKind::Gone | DifferenceKind::New => Some(Self::MediaTypeChanged),
                _ => None,
            },
            (Side::Response, _) => Self::of_response_body(kind),
            (Side::Request, Part::MediaType) => None,
            (Side::Request, _) => Some(match kind {
                DifferenceKind::Gone | DifferenceKind::SometimesAbsent => Self::RequestFieldGone,
                DifferenceKind::NeverSeen => return None,
                DifferenceKind::New | DifferenceKind::Refused => Self::RequestFieldNew,
                _ => Self::RequestValueChanged,
            }),
        }
    }

    fn of_header(kind: DifferenceKind) -> Option<Self> {
        match kind {
            DifferenceKind::Gone => Some(Self::ResponseHeaderGone),
            DifferenceKind::SometimesAbsent => Some(Self::ResponseHeaderOptional),
            DifferenceKind::New | DifferenceKind::Refused => Some(Self::ResponseHeaderNew),
            DifferenceKind::FormatChanged => Some(Self::ResponseFormatChanged),
            _ => None,
        }
    }

    fn of_response_body(kind: DifferenceKind) -> Option<Self> {
        Some(match kind {
            DifferenceKind::Gone => Self::ResponseFieldGone,
            DifferenceKind::SometimesAbsent => Self::ResponseFieldOptional,
            DifferenceKind::NeverSeen => Self::ResponseFieldNeverSeen,
            DifferenceKind::New | DifferenceKind::Refused => Self::ResponseFieldNew,
            DifferenceKind::KindChanged | DifferenceKind::KindNew => Self::ResponseTypeChanged,
            DifferenceKind::NullNew => Self::ResponseNull,
            DifferenceKind::Emptied | DifferenceKind::EmptyNew => Self::ResponseEmpty,
            DifferenceKind::FormatChanged => Self::ResponseFormatChanged,
            DifferenceKind::NumberWidened => Self::ResponseNumberWidened,
            DifferenceKind::ValueNew => Self::ResponseValueNew,
            DifferenceKind::Unselected => Self::ResponseUnselected,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_read_back() {
        for rule in RULES {
            assert_eq!(Rule::by_id(rule.id()), Some(rule));
        }
        assert_eq!(Rule::by_id("no-such-rule"), None);
    }
}
