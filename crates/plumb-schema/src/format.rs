//! Formats of texts and numbers: which are known, what each lies within, and examples of each.
//!
//! Whether a text has a format is asked of a validator; what is here only narrows the search: a
//! pattern that every text of the format matches, and a few texts that have it. Refuses to know how
//! a format is checked.

use crate::exact::{Exact, exact, to_json};
use num_bigint::BigInt;
use serde_json::{Number, Value};

/// One known format of texts.
#[derive(Debug)]
pub(crate) struct Format {
    /// Its name in schemas.
    pub(crate) name: &'static str,
    /// A pattern that every text of the format matches as a whole, and other texts may.
    pub(crate) within: &'static str,
    /// Texts of the format.
    pub(crate) samples: &'static [&'static str],
    /// Formats all of whose texts have this format too.
    pub(crate) includes: &'static [&'static str],
}

/// Every known format, from "JSON Schema Validation" 2020-12, section 7.3.
pub(crate) const FORMATS: [Format; 18] = [
    plain("date", r"^\d{4}-\d{2}-\d{2}$", &["2020-02-29", "1999-12-31"]),
    plain(
        "date-time",
        r"^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$",
        &["2020-01-01T00:00:00Z", "2020-01-01T00:00:00.5+01:00"],
    ),
    plain(
        "time",
        r"^\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$",
        &["00:00:00Z", "12:30:00.25+01:00"],
    ),
    plain("duration", r"^P[0-9A-Z.]+$", &["P1D", "PT1H30M", "P1W", "P1Y2M3DT4H5M6S"]),
    plain("email", r"^.+@.+$", &["a@b.example", "someone.long@mail.example"]),
    Format {
        name: "idn-email",
        within: r"^.+@.+$",
        samples: &["a@b.example"],
        includes: &["email"],
    },
    plain("hostname", r"^[A-Za-z0-9.-]+$", &["a", "www.example", "a-b.example"]),
    Format {
        name: "idn-hostname",
        within: r"^[^\s/:@]+$",
        samples: &["a", "www.example"],
        includes: &["hostname"],
    },
    plain("ipv4", r"^\d{1,3}(\.\d{1,3}){3}$", &["192.0.2.1", "0.0.0.0"]),
    plain("ipv6", r"^[0-9A-Fa-f:.]+$", &["::1", "2001:db8::1"]),
    plain("uri", r"^[A-Za-z][A-Za-z0-9+.-]*:", &["a:", "https://a.example/b?c=d#e", "urn:a:b"]),
    Format { name: "uri-reference", within: "", samples: &["", "a", "/a/b?c"], includes: &["uri"] },
    Format {
        name: "iri",
        within: r"^[A-Za-z][A-Za-z0-9+.-]*:",
        samples: &["a:"],
        includes: &["uri"],
    },
    Format {
        name: "iri-reference",
        within: "",
        samples: &["", "a"],
        includes: &["uri", "uri-reference", "iri"],
    },
    plain("uri-template", "", &["", "/a/{b}"]),
    plain("json-pointer", "^(/|$)", &["", "/a/0"]),
    plain("regex", "", &["", "^a$"]),
    plain(
        "uuid",
        "^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$",
        &["00000000-0000-4000-8000-000000000000", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"],
    ),
];

const fn plain(
    name: &'static str,
    within: &'static str,
    samples: &'static [&'static str],
) -> Format {
    Format { name, within, samples, includes: &[] }
}

/// What is known of a format of texts.
pub(crate) fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// True for a format of texts that validators agree on.
pub(crate) fn is_known(name: &str) -> bool {
    format(name).is_some()
}

/// The numbers that a format of numbers admits, from the registry of formats of the OpenAPI
/// Initiative. `double` is every number that JSON readers know.
pub(crate) fn number_bounds(name: &str) -> Option<(Exact, Exact)> {
    let signed = |bits: u32| {
        let beyond = Exact::from_integer(BigInt::from(2).pow(bits - 1));
        let one = Exact::from_integer(1.into());
        (-beyond.clone(), beyond - one)
    };
    let unsigned = |bits: u32| {
        let one = Exact::from_integer(1.into());
        (Exact::from_integer(0.into()), Exact::from_integer(BigInt::from(2).pow(bits)) - one)
    };
    Some(match name {
        "int8" => signed(8),
        "int16" => signed(16),
        "int32" => signed(32),
        "int64" => signed(64),
        "uint8" => unsigned(8),
        "uint16" => unsigned(16),
        "uint32" => unsigned(32),
        "uint64" => unsigned(64),
        "float" => {
            let most = exact(&Number::from_f64(f64::from(f32::MAX))?);
            (-most.clone(), most)
        }
        _ => return None,
    })
}

/// The same as a schema, for validators that know no formats of numbers.
pub(crate) fn number_schema(name: &str) -> Option<Value> {
    let (least, most) = number_bounds(name)?;
    Some(serde_json::json!({"minimum": to_json(&least)?, "maximum": to_json(&most)?}))
}

/// The validator of one format of texts.
pub(crate) fn validator(name: &str) -> Option<jsonschema::Validator> {
    let schema = serde_json::json!({"format": name});
    let options = jsonschema::draft202012::options().should_validate_formats(true);
    is_known(name).then(|| options.build(&schema).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::Texts;

    #[test]
    fn samples_have_their_format_and_lie_within_its_pattern() {
        let mut texts = Texts::default();
        for format in &FORMATS {
            for sample in format.samples {
                let name = format.name;
                assert_eq!(texts.has_format(name, sample), Some(true), "{name} {sample}");
                assert_eq!(texts.matches(format.within, sample), Some(true), "{name} {sample}");
            }
            for narrower in format.includes.iter().filter_map(|name| super::format(name)) {
                for sample in narrower.samples {
                    assert_eq!(texts.has_format(format.name, sample), Some(true), "{sample}");
                }
            }
        }
    }

    #[test]
    fn widths_of_numbers_are_bounds() {
        let check = |name: &str, value: Value, expected| {
            let schema = number_schema(name).unwrap();
            let admits = jsonschema::draft202012::is_valid(&schema, &value);
            assert_eq!(admits, expected, "{name} {value}");
        };
        check("int32", 2_147_483_647_i64.into(), true);
        check("int32", 2_147_483_648_i64.into(), false);
        check("int64", i64::MIN.into(), true);
        check("uint64", u64::MAX.into(), true);
        check("uint8", (-1).into(), false);
        check("float", 1e39.into(), false);
        assert_eq!(number_schema("date"), None);
    }
}
