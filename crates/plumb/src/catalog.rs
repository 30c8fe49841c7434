//! The pages of the rules, one for each, as they stand in the catalog.
//!
//! Refuses to know what they say.

use plumb_gap::rule::Rule;

/// The page of a rule.
pub(crate) const fn page(rule: Rule) -> &'static str {
    match rule {
        Rule::OperationGone => include_str!("../../../catalog/operation-gone/page.md"),
        Rule::StatusGone => include_str!("../../../catalog/status-gone/page.md"),
        Rule::StatusNew => include_str!("../../../catalog/status-new/page.md"),
        Rule::MediaTypeChanged => include_str!("../../../catalog/media-type-changed/page.md"),
        Rule::ResponseFieldGone => include_str!("../../../catalog/response-field-gone/page.md"),
        Rule::ResponseFieldOptional => {
            include_str!("../../../catalog/response-field-optional/page.md")
        }
        Rule::ResponseFieldNeverSeen => {
            include_str!("../../../catalog/response-field-never-seen/page.md")
        }
        Rule::ResponseFieldNew => include_str!("../../../catalog/response-field-new/page.md"),
        Rule::ResponseTypeChanged => include_str!("../../../catalog/response-type-changed/page.md"),
        Rule::ResponseNull => include_str!("../../../catalog/response-null/page.md"),
        Rule::ResponseEmpty => include_str!("../../../catalog/response-empty/page.md"),
        Rule::ResponseFormatChanged => {
            include_str!("../../../catalog/response-format-changed/page.md")
        }
        Rule::ResponseNumberWidened => {
            include_str!("../../../catalog/response-number-widened/page.md")
        }
        Rule::ResponseUnselected => include_str!("../../../catalog/response-unselected/page.md"),
        Rule::ResponseValueNew => include_str!("../../../catalog/response-value-new/page.md"),
        Rule::ResponseHeaderGone => include_str!("../../../catalog/response-header-gone/page.md"),
        Rule::ResponseHeaderOptional => {
            include_str!("../../../catalog/response-header-optional/page.md")
        }
        Rule::ResponseHeaderNew => include_str!("../../../catalog/response-header-new/page.md"),
        Rule::RequestFieldRequired => {
            include_str!("../../../catalog/request-field-required/page.md")
        }
        Rule::RequestFieldNew => include_str!("../../../catalog/request-field-new/page.md"),
        Rule::RequestFieldGone => include_str!("../../../catalog/request-field-gone/page.md"),
        Rule::RequestValueChanged => include_str!("../../../catalog/request-value-changed/page.md"),
        Rule::ClaimsContradict => include_str!("../../../catalog/claims-contradict/page.md"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plumb_gap::rule::RULES;

    #[test]
    fn every_page_speaks_of_its_rule() {
        for rule in RULES {
            assert!(page(rule).contains(rule.id()), "{}", rule.id());
        }
    }
}
