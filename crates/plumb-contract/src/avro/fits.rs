//! Whether a default is a value of its type. Refuses to know where defaults come from, and what a
//! reader makes of them.

use serde_json::Value;

use crate::avro::schema::{Field, Index, Kind, Primitive, Types};

/// Whether a default can be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// It is a value of the type; in unions, of the first branch.
    Yes,
    /// Only of a later branch of some union, which readers take since Avro 1.12.
    LaterBranch,
    /// It is none.
    No,
}

/// Whether `value` is a default that a field of the type may have.
#[must_use]
pub fn fit(types: &Types, index: Index, value: &Value) -> Fit {
    let yes_if = |is: bool| if is { Fit::Yes } else { Fit::No };
    match (&types.get(index).kind, value) {
        (Kind::Primitive(primitive), value) => yes_if(is_primitive(*primitive, value)),
        (Kind::Fixed(_, size), Value::String(text)) => {
            let length = text.chars().count();
            yes_if(is_bytes(text) && u64::try_from(length).is_ok_and(|length| length == *size))
        }
        (Kind::Enum(_, symbols), Value::String(symbol)) => yes_if(symbols.all.contains(symbol)),
        (Kind::Array(items), Value::Array(values)) => {
            worst(values.iter().map(|value| fit(types, *items, value)))
        }
        (Kind::Map(held), Value::Object(values)) => {
            worst(values.values().map(|value| fit(types, *held, value)))
        }
        (Kind::Record(_, fields), Value::Object(values)) => {
            let of = |field: &Field| match values.get(&field.name) {
                Some(value) => fit(types, field.held, value),
                None => yes_if(field.default.is_some()),
            };
            worst(fields.iter().map(of))
        }
        (Kind::Union(members), value) => {
            let mut fits = members.iter().map(|member| fit(types, *member, value));
            match fits.next() {
                Some(Fit::No) if fits.any(|later| later != Fit::No) => Fit::LaterBranch,
                Some(first) => first,
                None => Fit::No,
            }
        }
        _ => Fit::No,
    }
}

fn worst(fits: impl Iterator<Item = Fit>) -> Fit {
    fits.max().unwrap_or(Fit::Yes)
}

fn is_primitive(primitive: Primitive, value: &Value) -> bool {
    match primitive {
        Primitive::Null => value.is_null(),
        Primitive::Boolean => value.is_boolean(),
        Primitive::Int => value.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        Primitive::Long => value.as_i64().is_some(),
        Primitive::Float | Primitive::Double => value.is_number(),
        Primitive::Bytes => value.as_str().is_some_and(is_bytes),
        Primitive::String => value.is_string(),
    }
}

/// Bytes stand in JSON as the characters of the same numbers.
fn is_bytes(text: &str) -> bool {
    text.chars().all(|letter| u32::from(letter) <= 0xff)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::avro::read::schema;
    use crate::compared::File;
    use serde_json::json;

    #[test]
    fn a_default_is_a_value_of_its_type() {
        let check = |text: Value, default: Value, expected: Fit| {
            let file = File { name: "a.avsc".into(), bytes: text.to_string().into_bytes() };
            let schema = schema(&file).unwrap();
            assert_eq!(fit(&schema.types, schema.root, &default), expected, "{text} {default}");
        };
        check(json!("int"), json!(2_147_483_647), Fit::Yes);
        check(json!("int"), json!(2_147_483_648_i64), Fit::No);
        check(json!("bytes"), json!("\u{ff}"), Fit::Yes);
        check(json!("bytes"), json!("\u{100}"), Fit::No);
        check(json!(["null", "string"]), json!(null), Fit::Yes);
        check(json!(["null", "string"]), json!("a"), Fit::LaterBranch);
        check(json!([]), json!(null), Fit::No);
        check(
            json!({"type": "array", "items": ["null", "int"]}),
            json!([null, 1]),
            Fit::LaterBranch,
        );
        let record = json!({"type": "record", "name": "R", "fields": [
            {"name": "a", "type": "int"}, {"name": "b", "type": "int", "default": 1}]});
        check(record.clone(), json!({"a": 1}), Fit::Yes);
        check(record, json!({"b": 1}), Fit::No);
    }
}
