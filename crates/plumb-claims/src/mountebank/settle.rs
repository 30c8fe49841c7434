//! Conditions on one text of a request, its method or its path, taken together.
//!
//! A condition that asks for just some texts tells what becomes of all others: each holds for such
//! a text or does not. Refuses to know which text it is, and what is said when none is asked for.

use crate::mountebank::field::Field;
use regex::RegexBuilder;

/// What some conditions on one text come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// No condition asks for just some texts.
    Open,
    /// These meet all conditions.
    Texts(Vec<String>),
    /// These may meet all conditions.
    Perhaps(Vec<String>),
    /// Nothing does.
    Never,
}

/// Bytes that an expression may take when it is made ready to run.
const REGEX_BYTES_MAX: usize = 1 << 20;

/// What is written otherwise in expressions of JavaScript: sets within sets.
const SET_OPERATORS: [&str; 4] = ["[[", "&&", "--", "~~"];

/// Takes conditions on a text that is always there together; `texts_of` tells which texts one that
/// is not negated asks for.
pub(crate) fn settle(
    fields: &[Field<'_>],
    texts_of: impl Fn(&Field<'_>) -> Option<Vec<String>>,
) -> Settled {
    let is_absence = |field: &Field<'_>| {
        field.operator == "exists" && field.value.as_bool() == Some(field.condition.negated)
    };
    if fields.iter().any(is_absence) {
        return Settled::Never;
    }
    let asks = |(at, field): (usize, &Field<'_>)| {
        let texts = (!field.condition.negated).then(|| texts_of(field)).flatten()?;
        Some((at, field.counts_case(), texts))
    };
    // A text whose case counts is only itself.
    let asked = fields.iter().enumerate().filter_map(asks);
    let Some((asking, is_cased, texts)) =
        asked.max_by_key(|(at, cased, _)| (*cased, usize::MAX - at))
    else {
        return Settled::Open;
    };
    let others =
        || fields.iter().enumerate().filter(|(at, _)| *at != asking).map(|(_, field)| field);
    let mut is_sure = true;
    let meets = |text: &String| {
        let found: Vec<Option<bool>> = others().map(|field| holds(field, text, is_cased)).collect();
        is_sure &= found.iter().all(Option::is_some);
        !found.contains(&Some(false))
    };
    let met: Vec<String> = texts.into_iter().filter(meets).collect();
    match is_sure {
        _ if met.is_empty() => Settled::Never,
        true => Settled::Texts(met),
        false => Settled::Perhaps(met),
    }
}

/// Whether a condition holds for a text, or, where its case does not count, for it in any case;
/// `None` when that cannot be told.
fn holds(field: &Field<'_>, text: &str, is_cased: bool) -> Option<bool> {
    let cased = compares(field, text, true);
    let caseless = compares(field, text, false);
    let holds = match (field.counts_case(), is_cased) {
        (false, _) => caseless?,
        (true, true) => cased?,
        (true, false) => cased.filter(|cased| Some(*cased) == caseless)?,
    };
    Some(holds != field.condition.negated)
}

/// Whether a text is what the operator compares it with; with case, or in any case.
fn compares(field: &Field<'_>, text: &str, cased: bool) -> Option<bool> {
    if field.operator == "exists" {
        return field.value.as_bool();
    }
    let value = field.value.as_str().filter(|_| !field.is_cut())?;
    if field.operator == "matches" {
        return searches(value, text, cased);
    }
    let is_plain = value.is_ascii() && text.is_ascii() && !value.contains("<%");
    let any_case = |text: &str| if cased { text.to_owned() } else { text.to_ascii_lowercase() };
    let (value, text) = is_plain.then(|| (any_case(value), any_case(text)))?;
    match field.operator {
        "equals" | "deepEquals" => Some(text == value),
        "contains" => Some(text.contains(&value)),
        "startsWith" => Some(text.starts_with(&value)),
        "endsWith" => Some(text.ends_with(&value)),
        _ => None,
    }
}

/// Whether an expression of JavaScript is found in a text; `None` where it might mean something
/// else here.
fn searches(regex: &str, text: &str, cased: bool) -> Option<bool> {
    let is_same = regex.is_ascii() && text.is_ascii();
    if !is_same || SET_OPERATORS.iter().any(|operator| regex.contains(operator)) {
        return None;
    }
    let mut builder = RegexBuilder::new(regex);
    let regex = builder.case_insensitive(!cased).size_limit(REGEX_BYTES_MAX).build();
    Some(regex.ok()?.is_match(text))
}
