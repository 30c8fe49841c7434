//! Names and texts as SQL writes them.
//!
//! Refuses to know what they name.

/// A name in double quotes.
pub(crate) fn name(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// A name within a schema.
pub(crate) fn qualified(schema: &str, relation: &str) -> String {
    format!("{}.{}", name(schema), name(relation))
}

/// A text as a literal, whatever `standard_conforming_strings` says.
pub(crate) fn literal(text: &str) -> String {
    let doubled = text.replace('\'', "''");
    if text.contains('\\') {
        return format!(" E'{}'", doubled.replace('\\', "\\\\"));
    }
    format!("'{doubled}'")
}

/// A text as a literal, or null.
pub(crate) fn nullable(text: Option<&str>) -> String {
    text.map_or_else(|| "NULL".to_owned(), literal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_backslashes_stay_inside() {
        assert_eq!(qualified("a\"b", "t"), "\"a\"\"b\".\"t\"");
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(literal("a\\'"), " E'a\\\\'''");
        assert_eq!(nullable(None), "NULL");
    }
}
