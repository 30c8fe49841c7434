//! Which format a file of a contract is in, by its content; its name settles only what content
//! leaves open. Refuses to read more than it needs to tell.

use crate::compared::File;
use crate::{graphql, sql};
use plumb_graphql::introspection::told;
use plumb_tree::{Node, read};

/// Formats of contracts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// OpenAPI 3.0 to 3.2 and Swagger 2.0.
    OpenApi,
    /// JSON Schema, drafts 4 to 2020-12.
    JsonSchema,
    /// Schemas and protocols of Avro.
    Avro,
    /// Sources and descriptors of Protobuf.
    Protobuf,
    /// AsyncAPI 2.x and 3.x.
    AsyncApi,
    /// Schema definitions of GraphQL, and results of introspection.
    GraphQl,
    /// Tables of SQL, as statements.
    Sql,
}

/// Ends of names that contracts have. Others are never looked into.
pub const ENDS: [&str; 14] = [
    "json", "yaml", "yml", "avsc", "avpr", "proto", "binpb", "protoset", "desc", "pb", "graphql",
    "graphqls", "gql", "sql",
];

/// Bytes of a file's head that are looked at before it is parsed as a whole.
const HEAD_BYTES: usize = 1 << 16;

impl Kind {
    /// The word used in output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenApi => "openapi",
            Self::JsonSchema => "json-schema",
            Self::Avro => "avro",
            Self::Protobuf => "protobuf",
            Self::AsyncApi => "asyncapi",
            Self::GraphQl => "graphql",
            Self::Sql => "sql",
        }
    }
}

/// True when a file may hold a contract, or a part of one, by its name.
#[must_use]
pub fn is_candidate(name: &str) -> bool {
    let end = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    ENDS.contains(&end.as_str())
}

/// The format of a contract; `None` for what is none, or only a part of one.
#[must_use]
pub fn kind(file: &File) -> Option<Kind> {
    let name = file.name.to_ascii_lowercase();
    match name.rsplit('.').next().unwrap_or_default() {
        "avsc" | "avpr" => return Some(Kind::Avro),
        "proto" | "binpb" | "protoset" | "desc" | "pb" => return Some(Kind::Protobuf),
        "graphql" | "graphqls" | "gql" => {
            let text = String::from_utf8_lossy(&file.bytes);
            return graphql::is_schema(&text).then_some(Kind::GraphQl);
        }
        "sql" => {
            let text = String::from_utf8_lossy(&file.bytes);
            return sql::is_schema(&text).then_some(Kind::Sql);
        }
        _ => {}
    }
    let head = &file.bytes[..file.bytes.len().min(HEAD_BYTES)];
    let has = |word: &str| memchr::memmem::find(head, word.as_bytes()).is_some();
    if name.ends_with(".json") && has("\"__schema\"") && told(&file.bytes).is_some() {
        return Some(Kind::GraphQl);
    }
    let is_worth_it =
        ["asyncapi", "openapi", "swagger", "$schema", "\"type\"", "properties", "$ref"];
    if !is_worth_it.iter().any(|word| has(word)) {
        return None;
    }
    // Whatever begins like a description of an interface is one, also when it ends too early.
    let begins = |word: &str| {
        let text = String::from_utf8_lossy(&head[..head.len().min(512)]).into_owned();
        text.lines().any(|line| {
            let line = line.trim_start_matches(['{', ' ', '\t', '"', '\u{feff}']);
            line.strip_prefix(word)
                .is_some_and(|rest| rest.trim_start_matches('"').starts_with(':'))
        })
    };
    if begins("openapi") || begins("swagger") {
        return Some(Kind::OpenApi);
    }
    if begins("asyncapi") {
        return Some(Kind::AsyncApi);
    }
    let parsed = read::parse(&file.name, &file.bytes).ok()?;
    of_document(parsed.documents.first()?)
}

fn of_document(node: &Node) -> Option<Kind> {
    let has = |key: &str| node.get(key).is_some();
    let word = |key: &str| node.get(key).and_then(Node::as_str);
    if has("openapi") && (has("paths") || has("webhooks") || has("components"))
        || has("swagger") && has("paths")
    {
        return Some(Kind::OpenApi);
    }
    if has("asyncapi") && (has("channels") || has("operations") || has("components")) {
        return Some(Kind::AsyncApi);
    }
    if matches!(word("type"), Some("record" | "enum" | "fixed")) && word("name").is_some()
        || word("protocol").is_some() && has("types")
    {
        return Some(Kind::Avro);
    }
    let is_schema = word("$schema").is_some_and(|schema| schema.contains("json-schema.org"));
    let is_object = word("type") == Some("object") && has("properties");
    (is_schema || is_object).then_some(Kind::JsonSchema)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_tells_the_format() {
        let check = |name: &str, text: &str, expected| {
            let file = File { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
            assert_eq!(kind(&file), expected, "{name} {text}");
        };
        check("a.yaml", "# an interface\nopenapi: 3.1.0\npaths: {}", Some(Kind::OpenApi));
        check("a.json", r#"{"info": {}, "openapi": "3.0.3", "paths": {}}"#, Some(Kind::OpenApi));
        check("a.json", r#"{"swagger": "2.0", "paths": {"#, Some(Kind::OpenApi));
        check("a.yml", "asyncapi: '2.6.0'\nchannels: {}", Some(Kind::AsyncApi));
        check(
            "a.json",
            r#"{"info": {}, "asyncapi": "3.0.0", "channels": {}}"#,
            Some(Kind::AsyncApi),
        );
        check("a.json", r#"{"type": "record", "name": "A", "fields": []}"#, Some(Kind::Avro));
        check("a.json", r#"{"type": "object", "properties": {}}"#, Some(Kind::JsonSchema));
        check(
            "a.json",
            r#"{"$schema": "https://json-schema.org/draft/2020-12/schema"}"#,
            Some(Kind::JsonSchema),
        );
        check("a.json", r#"{"name": "x", "type": "module"}"#, None);
        check("a.proto", "syntax = \"proto3\";", Some(Kind::Protobuf));
        check("a.graphql", "# the shop\ntype Query { a: Int }", Some(Kind::GraphQl));
        check("a.graphql", "query type { a }", None);
        check("a.json", r#"{"data": {"__schema": {"types": []}}}"#, Some(Kind::GraphQl));
        check("a.json", r#"{"__schema": {"types": 1}}"#, None);
        check("a.sql", "create table a (b int);", Some(Kind::Sql));
        check("a.sql", "select 1;", None);
        check("a.json", "{", None);
    }
}
