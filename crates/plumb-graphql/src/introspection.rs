//! Results of introspection: a schema as a server tells it of itself, in JSON.
//!
//! They become definitions, as a file of them would hold, which are then read like any other. What
//! they name is looked at first, so that no name brings a definition of its own along. Refuses to
//! know descriptions, and how a server is asked.

use crate::call::is_word;
use crate::tokens::depth_of;
use graphql_parser::schema as ast;
use memchr::memmem;
use serde::Deserialize;

/// Lists and marks around one type at most: queries of introspection ask for nine.
const WRAPS_MAX: usize = 16;

/// Brackets of a default one in another at most: what the parser takes.
const DEPTH_MAX: usize = 32;

/// Types that every server has, which no file of definitions defines.
const BUILT_IN: [&str; 5] = ["Int", "Float", "String", "Boolean", "ID"];

/// Directives that every server has.
const BUILT_IN_DIRECTIVES: [&str; 5] = ["include", "skip", "deprecated", "specifiedBy", "oneOf"];

/// A schema as definitions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The definitions, each in a line.
    pub text: String,
    /// Fields, arguments and types that are not told to their end, or have no name of GraphQL.
    pub left_out: usize,
}

/// The definitions that a result of introspection amounts to; nothing for other bytes.
#[must_use]
pub fn told(bytes: &[u8]) -> Option<Told> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    memmem::find(bytes, b"\"__schema\"")?;
    let whole: Whole = serde_json::from_slice(bytes).ok()?;
    let schema = whole.schema.or_else(|| whole.data?.schema)?;
    let mut told = Told::default();
    told.roots(&schema);
    for each in &schema.types {
        if !each.name.starts_with("__") && !BUILT_IN.contains(&each.name.as_str()) {
            told.definition(each);
        }
    }
    for each in schema.directives.iter().flatten() {
        if !BUILT_IN_DIRECTIVES.contains(&each.name.as_str()) {
            told.directive(each);
        }
    }
    Some(told)
}

/// The result, alone or as it was sent.
#[derive(Deserialize)]
struct Whole {
    #[serde(rename = "__schema")]
    schema: Option<Schema>,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    #[serde(rename = "__schema")]
    schema: Option<Schema>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Schema {
    query_type: Option<Named>,
    mutation_type: Option<Named>,
    subscription_type: Option<Named>,
    types: Vec<Type>,
    directives: Option<Vec<Directive>>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Type {
    kind: String,
    name: String,
    fields: Option<Vec<Field>>,
    input_fields: Option<Vec<Input>>,
    interfaces: Option<Vec<Named>>,
    enum_values: Option<Vec<Value>>,
    possible_types: Option<Vec<Named>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Field {
    name: String,
    args: Option<Vec<Input>>,
    #[serde(rename = "type")]
    held: Held,
    is_deprecated: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    name: String,
    #[serde(rename = "type")]
    held: Held,
    default_value: Option<String>,
    is_deprecated: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Value {
    name: String,
    is_deprecated: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Directive {
    name: String,
    args: Option<Vec<Input>>,
    locations: Vec<String>,
    is_repeatable: Option<bool>,
}

/// A type where it is used. The parser of JSON bounds how deep one lies in another.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Held {
    kind: String,
    name: Option<String>,
    of_type: Option<Box<Held>>,
}

impl Told {
    /// What was found; counted as left out when it was not.
    fn need<T>(&mut self, found: Option<T>) -> Option<T> {
        self.left_out += usize::from(found.is_none());
        found
    }

    fn line(&mut self, line: Option<String>) {
        if let Some(line) = self.need(line) {
            self.text.push_str(&line);
            self.text.push('\n');
        }
    }

    fn roots(&mut self, schema: &Schema) {
        let roots = [
            ("query", &schema.query_type),
            ("mutation", &schema.mutation_type),
            ("subscription", &schema.subscription_type),
        ];
        let named = |(word, named): (&str, &Option<Named>)| {
            let name = &named.as_ref().filter(|named| is_word(&named.name))?.name;
            Some(format!("{word}: {name}"))
        };
        let roots: Vec<String> = roots.into_iter().filter_map(named).collect();
        self.line((!roots.is_empty()).then(|| format!("schema{}", braced(&roots))));
    }

    fn definition(&mut self, each: &Type) {
        let named = is_word(&each.name).then_some(each.name.as_str());
        let (fields, inputs) = (each.fields.iter().flatten(), each.input_fields.iter().flatten());
        let line = match each.kind.as_str() {
            "SCALAR" => named.map(|name| format!("scalar {name}")),
            "OBJECT" | "INTERFACE" => named.map(|name| {
                let word = if each.kind == "OBJECT" { "type" } else { "interface" };
                let implements = self.names(each.interfaces.as_deref(), " implements ", " & ");
                let fields: Vec<String> = fields.filter_map(|it| self.field(it)).collect();
                format!("{word} {name}{implements}{}", braced(&fields))
            }),
            "INPUT_OBJECT" => named.map(|name| {
                let inputs: Vec<String> = inputs.filter_map(|it| self.input(it)).collect();
                format!("input {name}{}", braced(&inputs))
            }),
            "ENUM" => named.map(|name| {
                let values = each.enum_values.iter().flatten();
                let values: Vec<String> = values.filter_map(|it| self.value(it)).collect();
                format!("enum {name}{}", braced(&values))
            }),
            "UNION" => named.map(|name| {
                format!("union {name}{}", self.names(each.possible_types.as_deref(), " = ", " | "))
            }),
            _ => None,
        };
        self.line(line);
    }

    fn directive(&mut self, each: &Directive) {
        let are_told = !each.locations.is_empty() && each.locations.iter().all(|it| is_word(it));
        let line = (is_word(&each.name) && are_told).then(|| {
            let arguments = self.arguments(each.args.as_deref());
            let repeatable = if each.is_repeatable == Some(true) { " repeatable" } else { "" };
            let locations = each.locations.join(" | ");
            format!("directive @{}{arguments}{repeatable} on {locations}", each.name)
        });
        self.line(line);
    }

    /// Names behind a word, apart by a mark; nothing where there are none.
    fn names(&mut self, named: Option<&[Named]>, before: &str, between: &str) -> String {
        let named = named.unwrap_or_default().iter();
        let names: Vec<&str> = named
            .filter_map(|it| self.need(is_word(&it.name).then_some(it.name.as_str())))
            .collect();
        if names.is_empty() { String::new() } else { format!("{before}{}", names.join(between)) }
    }

    fn field(&mut self, field: &Field) -> Option<String> {
        let held = held(&field.held, 0).filter(|_| is_word(&field.name));
        let held = self.need(held)?;
        let arguments = self.arguments(field.args.as_deref());
        Some(format!("{}{arguments}: {held}{}", field.name, deprecated(field.is_deprecated)))
    }

    fn arguments(&mut self, inputs: Option<&[Input]>) -> String {
        let inputs = inputs.unwrap_or_default().iter();
        let inputs: Vec<String> = inputs.filter_map(|it| self.input(it)).collect();
        if inputs.is_empty() { String::new() } else { format!("({})", inputs.join(", ")) }
    }

    fn input(&mut self, input: &Input) -> Option<String> {
        let held = held(&input.held, 0).filter(|_| is_word(&input.name));
        let value = match &input.default_value {
            Some(value) => default(value).map(|value| format!(" = {value}")),
            None => Some(String::new()),
        };
        let (held, value) = self.need(held.zip(value))?;
        Some(format!("{}: {held}{value}{}", input.name, deprecated(input.is_deprecated)))
    }

    fn value(&mut self, value: &Value) -> Option<String> {
        let name = self.need(is_word(&value.name).then_some(&value.name))?;
        Some(format!("{name}{}", deprecated(value.is_deprecated)))
    }
}

fn braced(parts: &[String]) -> String {
    if parts.is_empty() { String::new() } else { format!(" {{ {} }}", parts.join(", ")) }
}

const fn deprecated(is_deprecated: Option<bool>) -> &'static str {
    match is_deprecated {
        Some(true) => " @deprecated",
        _ => "",
    }
}

/// A type as definitions write it; nothing for one that is not told to its end.
// Recursive; no deeper than WRAPS_MAX.
fn held(said: &Held, depth: usize) -> Option<String> {
    let inner = || held(said.of_type.as_deref().filter(|_| depth < WRAPS_MAX)?, depth + 1);
    match said.kind.as_str() {
        "LIST" => inner().map(|inner| format!("[{inner}]")),
        "NON_NULL" => inner().filter(|it| !it.ends_with('!')).map(|inner| format!("{inner}!")),
        _ => said.name.clone().filter(|name| is_word(name)),
    }
}

/// A default as the parser reads it back, and only where it is one value.
fn default(text: &str) -> Option<String> {
    if depth_of(text) > DEPTH_MAX {
        return None;
    }
    let around = format!("input I {{ a: I = {text} }}");
    let parsed = graphql_parser::parse_schema::<String>(&around).ok()?;
    let [ast::Definition::TypeDefinition(ast::TypeDefinition::InputObject(input))] =
        parsed.definitions.as_slice()
    else {
        return None;
    };
    let [field] = input.fields.as_slice() else { return None };
    let value = field.default_value.as_ref().filter(|_| field.directives.is_empty())?;
    // In one line, so that each definition is.
    Some(value.to_string().replace(['\n', '\r'], " "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::split::split;

    const INT: &str = "{'kind': 'SCALAR', 'name': 'Int', 'ofType': null}";

    fn around(kind: &str, held: &str) -> String {
        format!("{{'kind': '{kind}', 'name': null, 'ofType': {held}}}")
    }

    fn member(name: &str, held: &str, rest: &str) -> String {
        format!("{{'name': '{name}', 'type': {held}{rest}}}")
    }

    fn listed(kind: &str, name: &str, what: &str, list: &str) -> String {
        format!("{{'kind': '{kind}', 'name': '{name}', '{what}': [{list}]}}")
    }

    /// A result in which a server tells of these types.
    fn result(types: &str) -> String {
        format!("{{'__schema': {{'queryType': {{'name': 'Q'}}, 'types': [{types}]}}}}")
    }

    fn object(fields: &str) -> String {
        result(&listed("OBJECT", "Q", "fields", fields))
    }

    /// A field with one argument, which has this default.
    fn field_of(name: &str, default: &str) -> String {
        let argument = member(name, INT, &format!(", 'defaultValue': '{default}'"));
        member("f", INT, &format!(", 'args': [{argument}]"))
    }

    /// What a result amounts to, written with quotes of one stroke.
    fn told_of(text: &str) -> Option<Told> {
        told(text.replace('\'', "\"").as_bytes())
    }

    #[track_caller]
    fn check(text: &str, expected: &str, left_out: usize) {
        let told = told_of(text).unwrap();
        assert_eq!((told.text.as_str(), told.left_out), (expected, left_out), "{text}");
        assert_eq!(split(&told.text).chunks.len(), expected.lines().count());
    }

    #[test]
    fn every_kind_of_type_becomes_a_definition() {
        let list = around("NON_NULL", &around("LIST", &around("NON_NULL", INT)));
        let argument = member("first", INT, ", 'defaultValue': '10'");
        let all = member("all", &list, &format!(", 'args': [{argument}], 'isDeprecated': true"));
        let id = member("type", INT, ", 'args': []");
        let interfaces = "'interfaces': [{'name': 'N'}, {'name': 'M'}]";
        let input = member("at", INT, r", 'defaultValue': '{a: [\'x\', B]}'");
        let values = "{'name': 'A'}, {'name': 'B', 'isDeprecated': true}";
        let types = [
            format!("{{'kind': 'OBJECT', 'name': 'Q', 'fields': [{all}, {id}], {interfaces}}}"),
            listed("INTERFACE", "N", "fields", &id),
            listed("UNION", "U", "possibleTypes", "{'name': 'Q'}, {'name': 'R'}"),
            listed("ENUM", "E", "enumValues", values),
            listed("INPUT_OBJECT", "I", "inputFields", &input),
            "{'kind': 'SCALAR', 'name': 'W'}".to_owned(),
            INT.to_owned(),
            listed("OBJECT", "__Type", "fields", ""),
        ];
        check(
            &result(&types.join(", ")),
            "schema { query: Q }\n\
             type Q implements N & M { all(first: Int = 10): [Int!]! @deprecated, type: Int }\n\
             interface N { type: Int }\n\
             union U = Q | R\n\
             enum E { A, B @deprecated }\n\
             input I { at: Int = {a: [\"x\", B]} }\n\
             scalar W\n",
            0,
        );
    }

    #[test]
    fn a_result_stands_alone_or_as_it_was_sent() {
        let directives = "'directives': [{'name': 'd', 'locations': ['FIELD', 'QUERY'], \
                          'isRepeatable': true}, {'name': 'skip', 'locations': ['FIELD']}]";
        let schema = format!("{{'types': [], 'mutationType': {{'name': 'M'}}, {directives}}}");
        check(
            &format!("\u{feff}{{'data': {{'__schema': {schema}}}}}"),
            "schema { mutation: M }\ndirective @d repeatable on FIELD | QUERY\n",
            0,
        );
        for other in ["", "{", "[]", "{'__schema': {}}", "{'data': {'a': 1}}", "{'__schema': null}"]
        {
            assert_eq!(told_of(other), None, "{other}");
        }
    }

    #[test]
    fn no_name_and_no_default_brings_a_definition_along() {
        let only = "schema { query: Q }\ntype Q\n";
        check(&object(&member("a: Int } type X { b", INT, "")), only, 1);
        check(&object(&member("a", &INT.replace("Int", "Int } type X { b: Int"), "")), only, 1);
        check(&object(&member("", INT, "")), only, 1);
        let plain = "schema { query: Q }\ntype Q { f: Int }\n";
        for value in ["", "1 b: I", "1 @d", "1 } type X { a: Int", "1 #", "$"] {
            check(&object(&field_of("a", value)), plain, 1);
        }
        check(&object(&field_of("a", &"[".repeat(100_000))), plain, 1);
        let told = "schema { query: Q }\ntype Q { f(a: Int = []): Int }\n";
        check(&object(&field_of("a", "[]")), told, 0);
        check(&result("{'kind': 'OTHER', 'name': 'A'}"), "schema { query: Q }\n", 1);
    }

    #[test]
    fn types_that_are_not_told_to_their_end_are_left_out() {
        let only = "schema { query: Q }\ntype Q\n";
        check(&object(&member("a", &around("LIST", "null"), "")), only, 1);
        let twice = around("NON_NULL", &around("NON_NULL", INT));
        check(&object(&member("a", &twice, "")), only, 1);
        let deep = (0..=WRAPS_MAX).fold(INT.to_owned(), |held, _| around("LIST", &held));
        check(&object(&member("a", &deep, "")), only, 1);
    }

    proptest::proptest! {
        #[test]
        fn whatever_a_result_names_it_defines_no_more(
            name in "[a-c_{}:!#@ ]{0,6}", default in "[a-c{}\\[\\]:!#@1 ]{0,8}",
        ) {
            let named = member(&name, &INT.replace("Int", &name), "");
            let other = field_of(&name, &default);
            let told = told_of(&object(&format!("{named}, {other}"))).unwrap();
            let split = split(&told.text);
            proptest::prop_assert_eq!(split.chunks.len(), 2, "{}", told.text);
            proptest::prop_assert!(split.stray.is_empty());
        }
    }
}
