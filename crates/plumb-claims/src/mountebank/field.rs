//! One field of a predicate, and what its operator says of a text.
//!
//! Refuses to know which field it is.

use crate::cassette::scalar_text;
use crate::matched::expected_regex;
use crate::mountebank::predicate::Condition;
use crate::said_document::expected_text;
use crate::url_pattern::is_anchored;
use plumb_shape::place::Place;
use plumb_shape::said::{Expected, Presence, Said};
use plumb_shape::trait_set::TraitSet;
use plumb_tree::{Node, Value};

/// A field of the request as one predicate compares it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field<'a> {
    /// How it is compared: `equals`, `contains` ...
    pub(crate) operator: &'a str,
    /// The predicate that does, with its parameters.
    pub(crate) condition: &'a Condition<'a>,
    /// What it is compared with.
    pub(crate) value: &'a Node,
}

impl Field<'_> {
    /// True when the text is taken apart before it is compared: by `except`, or by a selector.
    pub(crate) fn is_cut(&self) -> bool {
        let given = |key: &str| self.condition.predicate.get(key).is_some_and(is_given);
        ["except", "jsonpath", "xpath"].iter().any(|key| given(key))
    }

    /// True for an operator that asks for just the value.
    pub(crate) fn is_equality(&self) -> bool {
        matches!(self.operator, "equals" | "deepEquals")
    }

    /// True when names are compared with their case, in which headers are not told apart otherwise.
    pub(crate) fn has_cased_names(&self) -> bool {
        let cased = self.flag("keyCaseSensitive").or_else(|| self.flag("caseSensitive"));
        cased == Some(true)
    }

    /// True when upper and lower case are told apart.
    pub(crate) fn counts_case(&self) -> bool {
        self.flag("caseSensitive") == Some(true)
    }

    fn flag(&self, key: &str) -> Option<bool> {
        self.condition.predicate.get(key).and_then(Node::as_bool)
    }

    /// True when more is asked of a text than what is said of it: texts that it tells apart look
    /// alike.
    pub(crate) fn is_loose(&self, expected: &Expected) -> bool {
        self.operator != "exists" && expected.traits == TraitSet::STRING
    }

    /// The text that is asked for just as it stands.
    pub(crate) fn exact(&self) -> Option<&str> {
        let text = self.value.as_str().filter(|text| !text.contains("<%"))?;
        (self.is_equality() && !self.is_cut()).then_some(text)
    }

    /// What is said of a text that is compared with `value`; `None` when texts cannot say it.
    pub(crate) fn expected(&self, value: &Node) -> Option<Expected> {
        if self.operator == "exists" {
            return Some(existing(value.as_bool()? != self.condition.negated));
        }
        let each = |items: &[Node]| -> Option<Vec<Expected>> {
            items.iter().map(|item| self.expected(item)).collect()
        };
        if let Value::Array(items) = &value.value {
            return each(items)?.into_iter().reduce(Expected::or);
        }
        let text = scalar_text(value)?;
        let any = Expected::always(TraitSet::STRING);
        if self.is_cut() || text.contains("<%") {
            return Some(any);
        }
        let said = match self.operator {
            "equals" | "deepEquals" => expected_text(&text),
            "matches" if is_anchored(&text) => expected_regex(&text),
            _ => any,
        };
        // Any case of the letters is met unless case is told to count.
        Some(if self.counts_case() { said } else { said.in_any_case() })
    }
}

/// True when two values are asked for at one place, or one and none: nothing meets that.
pub(crate) fn clashes(before: &Said, more: &Said) -> bool {
    let is_value = |expected: &Expected| {
        let is_whole = expected.traits.intersects(TraitSet::OBJECT | TraitSet::ARRAY);
        expected.traits != TraitSet::STRING && !is_whole && !expected.traits.is_empty()
    };
    let is_other = |(place, expected): (&Place, &Expected)| {
        before.get(place).is_some_and(|there| {
            let are_values = is_value(there) && is_value(expected);
            there.presence != expected.presence || are_values && there != expected
        })
    };
    more.places.iter().any(is_other)
}

fn existing(exists: bool) -> Expected {
    if exists {
        Expected::always(TraitSet::STRING)
    } else {
        Expected::always(TraitSet::NONE).with_presence(Presence::Never)
    }
}

/// An empty `except` removes nothing.
fn is_given(parameter: &Node) -> bool {
    parameter.as_str() != Some("")
}
