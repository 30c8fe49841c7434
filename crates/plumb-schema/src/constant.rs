//! Values that a schema names, made comparable: `1` and `1.0` are one value, and the order of keys
//! says nothing.

use crate::exact::{exact, to_json};
use serde_json::{Map, Value};
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A value in the one form that equal values share.
#[derive(Clone, Debug)]
pub(crate) struct Constant {
    /// Its compact text, by which constants are compared.
    text: Arc<str>,
    /// The value.
    value: Arc<Value>,
}

impl Constant {
    /// A value as a constant.
    pub(crate) fn new(value: &Value) -> Self {
        let value = canonical(value);
        Self { text: value.to_string().into(), value: Arc::new(value) }
    }

    /// The value.
    pub(crate) fn value(&self) -> &Value {
        &self.value
    }
}

/// The value with keys in order and numbers in one form.
fn canonical(value: &Value) -> Value {
    match value {
        // Numbers that no text can say exactly do not come out of a text.
        Value::Number(number) => to_json(&exact(number)).unwrap_or_else(|| value.clone()),
        Value::Array(items) => Value::Array(items.iter().map(canonical).collect()),
        Value::Object(members) => {
            let mut names: Vec<_> = members.keys().collect();
            names.sort();
            let entry = |name: &String| (name.clone(), canonical(&members[name]));
            Value::Object(names.into_iter().map(entry).collect::<Map<_, _>>())
        }
        Value::Null | Value::Bool(_) | Value::String(_) => value.clone(),
    }
}

impl PartialEq for Constant {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Constant {}

impl PartialOrd for Constant {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Constant {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl Hash for Constant {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn equal_values_are_one_constant() {
        let check = |one: Value, two: Value, equal| {
            assert_eq!(Constant::new(&one) == Constant::new(&two), equal, "{one} {two}");
        };
        check(json!(1), json!(1.0), true);
        check(json!({"a": [1.0], "b": 2}), json!({"b": 2, "a": [1]}), true);
        check(json!("1"), json!(1), false);
        check(json!(0), json!(-0.0), true);
        check(json!(9007199254740993_i64), json!(9007199254740992_i64), false);
    }
}
