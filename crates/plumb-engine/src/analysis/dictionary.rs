//! The values of dimensions as small numbers, and back.
//!
//! Refuses to know what a value means.

use plumb_rollout::cohort::VALUES_MAX;
use rapidhash::RapidHashMap;

/// What a unit without a value has.
const NONE: &str = "(none)";

/// What stands for all values beyond the most that are told apart.
const OTHERS: &str = "(others)";

/// The longest value that is kept; more of it tells nobody more.
const VALUE_BYTES_MAX: usize = 128;

/// The values of one dimension, in the order in which they came.
#[derive(Clone, Debug, Default)]
pub struct Dictionary {
    by_name: RapidHashMap<String, u16>,
    names: Vec<String>,
}

impl Dictionary {
    /// The number of a value; the last one for all that come after too many.
    pub fn number(&mut self, value: Option<&str>) -> u16 {
        let value = shortened(value.unwrap_or(NONE));
        if let Some(known) = self.by_name.get(value) {
            return *known;
        }
        match u16::try_from(self.names.len()) {
            Ok(number) if number < VALUES_MAX => {
                self.names.push(value.to_owned());
                self.by_name.insert(value.to_owned(), number);
                number
            }
            _ => VALUES_MAX,
        }
    }

    /// The value of a number.
    #[must_use]
    pub fn name(&self, number: u16) -> &str {
        self.names.get(usize::from(number)).map_or(OTHERS, String::as_str)
    }
}

/// The value of a number in one of several dimensions; empty where there is no such dimension.
#[must_use]
pub fn value(dictionaries: &[Dictionary], dimension: usize, number: u16) -> String {
    dictionaries.get(dimension).map_or_else(String::new, |known| known.name(number).to_owned())
}

fn shortened(value: &str) -> &str {
    &value[..value.floor_char_boundary(VALUE_BYTES_MAX.min(value.len()))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_and_too_many_are_others() {
        let mut dictionary = Dictionary::default();
        assert_eq!(dictionary.number(Some("de")), 0);
        assert_eq!(dictionary.number(None), 1);
        assert_eq!(dictionary.number(Some("de")), 0);
        assert_eq!((dictionary.name(0), dictionary.name(1)), ("de", "(none)"));
        for value in 0..70_000 {
            dictionary.number(Some(&value.to_string()));
        }
        assert_eq!(dictionary.number(Some("new")), VALUES_MAX);
        assert_eq!(dictionary.name(VALUES_MAX), "(others)");
    }
}
