//! What data stand for beyond their type, as a schema annotates it. Refuses to know what two
//! annotations make of each other.

use plumb_tree::Node;

use crate::avro::schema::{Kind, Logical, Primitive};

/// Digits that so many bytes hold at least: of 8 bits, 2.408 digits. Bounded, since no number of
/// more is written.
fn digits_of(bytes: u64) -> u64 {
    const DIGITS_MAX: u64 = 1 << 20;
    let bits = bytes.saturating_mul(8).saturating_sub(1);
    (bits.saturating_mul(30_103) / 100_000).min(DIGITS_MAX)
}

/// Reads the annotation of a type that looks like `kind`.
///
/// # Errors
/// Why readers pass it over.
pub(super) fn logical(kind: &Kind, node: &Node) -> Result<Logical, String> {
    let Some(name) = node.get("logicalType").and_then(Node::as_str) else {
        return Err("a logical type is text".to_owned());
    };
    if name == "decimal" {
        return decimal(kind, node);
    }
    let primitive = match kind {
        Kind::Primitive(primitive) => Some(*primitive),
        _ => None,
    };
    let fits = match name {
        "date" | "time-millis" => primitive == Some(Primitive::Int),
        "time-micros"
        | "timestamp-millis"
        | "timestamp-micros"
        | "timestamp-nanos"
        | "local-timestamp-millis"
        | "local-timestamp-micros"
        | "local-timestamp-nanos" => primitive == Some(Primitive::Long),
        "uuid" => primitive == Some(Primitive::String) || matches!(kind, Kind::Fixed(_, 16)),
        "duration" => matches!(kind, Kind::Fixed(_, 12)),
        _ => true,
    };
    if fits {
        Ok(Logical::Named(name.to_owned()))
    } else {
        Err(format!("the logical type `{name}` does not go with its type, and readers ignore it"))
    }
}

fn decimal(kind: &Kind, node: &Node) -> Result<Logical, String> {
    let whole =
        |key: &str| -> Option<u64> { u64::try_from(node.get(key)?.as_number()?.as_i64()?).ok() };
    let room = match kind {
        Kind::Primitive(Primitive::Bytes) => u64::MAX,
        Kind::Fixed(_, bytes) => digits_of(*bytes),
        _ => 0,
    };
    let scale = if node.get("scale").is_some() { whole("scale") } else { Some(0) };
    match (whole("precision"), scale) {
        (Some(precision), Some(scale))
            if precision > 0 && scale <= precision && precision <= room =>
        {
            Ok(Logical::Decimal { precision, scale })
        }
        _ => Err("the decimal has no precision and scale that go with its type, and readers \
                  ignore it"
            .to_owned()),
    }
}
