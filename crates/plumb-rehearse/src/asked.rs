//! Statements that a version really runs, as files bring them: NDJSON or CSV of what
//! `pg_stat_statements` counted, or plain SQL.
//!
//! Refuses to run them.

use crate::migration::read_text;
use crate::script::{Sort, sort, split};
use crate::trouble::Trouble;
use serde_json::Value;
use std::path::Path;

/// Statements of one rehearsal; each is tried on four levels after every step.
pub(crate) const STATEMENTS_MAX: usize = 2_000;

/// Sets of parameters that are tried for one statement.
pub(crate) const SETS_MAX: usize = 8;

/// A statement that a version runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Who runs it; empty where nobody says.
    pub(crate) component: String,
    /// At which version; empty where nobody says.
    pub(crate) version: String,
    /// Its text.
    pub(crate) text: String,
    /// How often it ran, where somebody counted.
    pub(crate) calls: Option<u64>,
    /// Parameters that it ran with, where somebody kept them.
    pub(crate) sets: Vec<Vec<Option<String>>>,
    /// Its line in the file, from 1; 0 where it came from a server.
    pub(crate) line: usize,
}

/// What cannot be tried, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untried {
    /// Its line in the file, from 1; 0 where it came from a server.
    pub line: usize,
    /// The statement without values; empty where it could not be read.
    pub statement: String,
    /// Why.
    pub why: String,
}

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Statements {
    /// What can be tried.
    pub(crate) asked: Vec<Asked>,
    /// What cannot.
    pub(crate) untried: Vec<Untried>,
}

/// Reads a file of statements.
pub(crate) fn read(path: &Path) -> Result<Statements, Trouble> {
    let text = read_text(path)?;
    let found = parse(&text);
    if found.asked.is_empty() && found.untried.is_empty() {
        return Err(Trouble::Empty { path: path.to_owned(), what: "statement" });
    }
    Ok(found)
}

/// Reads statements, their format told by how the text begins.
pub(crate) fn parse(text: &str) -> Statements {
    let first = text.trim_start();
    let header = first.lines().next().unwrap_or_default().to_lowercase();
    let is_csv = csv_fields(&header).iter().any(|field| field == "query") && !header.contains(';');
    let listed = if first.starts_with('{') {
        of_ndjson(text)
    } else if first.starts_with('[') {
        of_array(text)
    } else if is_csv {
        of_csv(first)
    } else {
        of_sql(text)
    };
    sorted_out(listed)
}

type Listed = Vec<Result<Asked, Untried>>;

/// Leaves out what is no single statement, or only frames a transaction.
pub(crate) fn sorted_out(listed: Listed) -> Statements {
    let mut found = Statements::default();
    for one in listed {
        let asked = match one {
            Ok(asked) => asked,
            Err(untried) => {
                found.untried.push(untried);
                continue;
            }
        };
        let mut untried = |why: &str| {
            let statement = crate::measure::short(&crate::script::masked(&asked.text));
            found.untried.push(Untried { line: asked.line, statement, why: why.to_owned() });
        };
        let split = split(&asked.text).statements;
        if split.len() != 1 {
            untried("it is not one statement");
        } else if sort(&asked.text) != Sort::Plain {
            untried("it frames a transaction, or cannot be in one");
        } else if found.asked.len() >= STATEMENTS_MAX {
            untried("there are too many statements");
        } else {
            let text = split.into_iter().next().map(|one| one.text).unwrap_or_default();
            found.asked.push(Asked { text, ..asked });
        }
    }
    found
}

fn of_ndjson(text: &str) -> Listed {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(at, line)| of_json(serde_json::from_str(line).ok().as_ref(), at + 1)).collect()
}

fn of_array(text: &str) -> Listed {
    match serde_json::from_str::<Vec<Value>>(text) {
        Ok(values) => values.iter().map(|value| of_json(Some(value), 1)).collect(),
        Err(error) => vec![Err(Untried {
            line: error.line(),
            statement: String::new(),
            why: "it is no JSON".to_owned(),
        })],
    }
}

fn of_json(value: Option<&Value>, line: usize) -> Result<Asked, Untried> {
    let bad = |why: &str| Untried { line, statement: String::new(), why: why.to_owned() };
    let value = value.ok_or_else(|| bad("it is no JSON"))?;
    let text = |keys: [&str; 2]| {
        let found = keys.iter().find_map(|key| value.get(key)?.as_str());
        found.unwrap_or_default().to_owned()
    };
    let query = text(["query", "statement"]);
    if query.is_empty() {
        return Err(bad("it has no text under `query`"));
    }
    Ok(Asked {
        component: text(["component", "application_name"]),
        version: text(["version", "release"]),
        text: query,
        calls: value.get("calls").and_then(Value::as_u64),
        sets: sets(value.get("parameters")),
        line,
    })
}

/// One list of parameters, or several.
fn sets(value: Option<&Value>) -> Vec<Vec<Option<String>>> {
    let list = value.and_then(Value::as_array).cloned().unwrap_or_default();
    let one = |values: &[Value]| -> Vec<Option<String>> {
        let text = |value: &Value| match value {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        values.iter().map(text).collect()
    };
    match list.first() {
        None => Vec::new(),
        Some(Value::Array(_)) => {
            let each = list.iter().filter_map(Value::as_array);
            each.take(SETS_MAX).map(|values| one(values)).collect()
        }
        Some(_) => vec![one(&list)],
    }
}

fn of_csv(text: &str) -> Listed {
    let mut records = csv_records(text).into_iter();
    let header = records.next().map(|(_, fields)| fields).unwrap_or_default();
    let at = |name: &str| header.iter().position(|field| field.trim().eq_ignore_ascii_case(name));
    let (query, calls) = (at("query"), at("calls"));
    let (component, version) = (at("component"), at("version"));
    let listed = records.map(|(line, fields)| {
        let field = |at: Option<usize>| at.and_then(|at| fields.get(at)).cloned();
        let text = field(query).filter(|text| !text.trim().is_empty());
        let bad =
            || Untried { line, statement: String::new(), why: "it has no `query`".to_owned() };
        Ok(Asked {
            component: field(component).unwrap_or_default(),
            version: field(version).unwrap_or_default(),
            text: text.ok_or_else(bad)?,
            calls: field(calls).and_then(|text| text.trim().parse().ok()),
            sets: Vec::new(),
            line,
        })
    });
    listed.collect()
}

fn csv_fields(line: &str) -> Vec<String> {
    csv_records(line).into_iter().next().map(|(_, fields)| fields).unwrap_or_default()
}

/// Records with the line that each begins on.
fn csv_records(text: &str) -> Vec<(usize, Vec<String>)> {
    let (mut records, mut fields, mut field) = (Vec::new(), Vec::new(), String::new());
    let (mut line, mut begun, mut is_quoted) = (1, 1, false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        line += usize::from(letter == '\n');
        match letter {
            '"' if is_quoted && letters.peek() == Some(&'"') => {
                field.push('"');
                letters.next();
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => fields.push(std::mem::take(&mut field)),
            '\n' if !is_quoted => {
                fields.push(std::mem::take(&mut field));
                records.push((begun, std::mem::take(&mut fields)));
                begun = line;
            }
            '\r' if !is_quoted => {}
            other => field.push(other),
        }
    }
    if !field.is_empty() || !fields.is_empty() {
        fields.push(field);
        records.push((begun, fields));
    }
    records
}

/// Plain SQL; comments like `-- component: orders 1.42` say who runs what follows.
fn of_sql(text: &str) -> Listed {
    let told: Vec<(usize, String, String)> = text
        .lines()
        .enumerate()
        .filter_map(|(at, line)| {
            let told = line.trim().strip_prefix("--")?.trim().strip_prefix("component:")?;
            let mut words = told.split_whitespace();
            let component = words.next()?.to_owned();
            Some((at + 1, component, words.next().unwrap_or_default().to_owned()))
        })
        .collect();
    let statements = split(text).statements.into_iter();
    let listed = statements.map(|statement| {
        let by = told.iter().rfind(|(line, ..)| *line < statement.line);
        let (component, version) = by
            .map(|(_, component, version)| (component.clone(), version.clone()))
            .unwrap_or_default();
        let (text, line) = (statement.text, statement.line);
        Ok(Asked { component, version, text, calls: None, sets: Vec::new(), line })
    });
    listed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_how_they_begin() {
        let ndjson = r#"{"query":"SELECT $1","calls":7,"component":"a","parameters":["x"]}"#;
        let found = parse(ndjson).asked;
        assert_eq!((found[0].calls, found[0].sets.len()), (Some(7), 1));
        let csv = "calls,query\n3,\"SELECT 1,\n\"\"a\"\"\"\n4,SELECT 2\n";
        let found = parse(csv).asked;
        assert_eq!(found[0].text, "SELECT 1,\n\"a\"");
        assert_eq!((found[1].calls, found[1].line), (Some(4), 4));
        let sql = "SELECT 0;\n-- component: orders 1.42\nSELECT 1;\nBEGIN;";
        let found = parse(sql);
        assert_eq!(found.asked[0].component, "");
        assert_eq!((&*found.asked[1].component, &*found.asked[1].version), ("orders", "1.42"));
        assert_eq!(found.untried.len(), 1);
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        assert_eq!(parse("{\"query\":\"SELECT 1\"}\nnonsense\n").untried[0].line, 2);
        assert_eq!(parse("[1]").untried.len(), 1);
        assert_eq!(parse("{\"query\":\"SELECT 1; SELECT 2\"}").untried.len(), 1);
    }
}
