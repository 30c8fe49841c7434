//! Which other files a file of a contract names, so that they can be read with it.
//!
//! Looks at the text alone, since a file that is broken somewhere still names others. Refuses to
//! know what the references mean.

use crate::compared::File;
use std::collections::{BTreeMap, BTreeSet};

/// Names taken from one file: real ones have a few hundred.
const NAMED_MAX: usize = 10_000;

/// The files that a file names, from the same folder as its own name, in order.
#[must_use]
pub fn named(file: &File) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(&file.bytes);
    let is_source = file.name.ends_with(".proto");
    let named: Box<dyn Iterator<Item = &str>> = if is_source {
        Box::new(text.lines().filter_map(imported))
    } else {
        Box::new(text.split("$ref").skip(1).filter_map(referred))
    };
    // An import of Protobuf is taken from the root of the sources, not from beside the file.
    let from = if is_source { "" } else { file.name.as_str() };
    named.take(NAMED_MAX).filter_map(|to| beside(from, to)).collect()
}

/// A file and those that it refers to, directly or through others; `None` when a reference cannot
/// be followed by path alone, so that any of the files may be meant.
#[must_use]
pub fn reached<'f>(root: &str, files: &'f [File]) -> Option<Vec<&'f File>> {
    let given: BTreeMap<&str, &File> = files.iter().map(|file| (&*file.name, file)).collect();
    let mut reached = BTreeMap::new();
    let mut wanted = vec![root.to_owned()];
    while let Some(name) = wanted.pop() {
        if reached.contains_key(&name) {
            continue;
        }
        let file = *given.get(&*name)?;
        if leads_elsewhere(file) {
            return None;
        }
        wanted.extend(named(file));
        reached.insert(name, file);
    }
    Some(reached.into_values().collect())
}

/// Whether a file refers to something that no path among the files can lead to.
fn leads_elsewhere(file: &File) -> bool {
    let text = String::from_utf8_lossy(&file.bytes);
    let targets = text.split("$ref").skip(1).filter_map(target);
    targets.take(NAMED_MAX).any(|to| to.contains(':') || beside(&file.name, to).is_none())
}

/// The file of `import "a/b.proto";`.
fn imported(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix("import")?;
    let quoted = rest.split_once(['"', '\''])?.1;
    quoted.split(['"', '\'']).next()
}

/// The file of what follows `$ref`, unless it has to be fetched.
fn referred(rest: &str) -> Option<&str> {
    target(rest).filter(|name| !name.contains("://"))
}

/// What follows `$ref` up to a fragment: a colon, then text in quotes or to the end of the line.
fn target(rest: &str) -> Option<&str> {
    let rest = rest.trim_start_matches(['"', '\'']).trim_start().strip_prefix(':')?;
    let rest = rest.trim_start().trim_start_matches(['"', '\'']);
    let end = rest.find(['"', '\'', '#', '\n', '\r', '}', ',']).unwrap_or(rest.len());
    Some(rest[..end].trim()).filter(|name| !name.is_empty())
}

/// A relative path taken against the path of a file; `None` above the folder of all files.
fn beside(from: &str, to: &str) -> Option<String> {
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    if to.starts_with('/') {
        return None;
    }
    for part in to.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, text: &str, expected: &[&str]) {
        let file = File { name: name.to_owned(), bytes: text.as_bytes().to_vec() };
        assert_eq!(named(&file).iter().map(String::as_str).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn references_and_imports_name_files() {
        check(
            "a/b.yaml",
            "x:\n  $ref: 'c.yaml#/d'\n  $ref: \"../e.json\"\n",
            &["a/c.yaml", "e.json"],
        );
        check("b.json", r##"{"$ref":"./c/d.json#/x","y":{"$ref" : "#/z"}}"##, &["c/d.json"]);
        check("b.yaml", "$ref: ../outside.yaml\n$ref: https://a.example/b\n$ref: /etc/x\n", &[]);
        check(
            "p/a.proto",
            "import \"p/b.proto\";\nimport public 'c.proto';\n",
            &["c.proto", "p/b.proto"],
        );
    }

    #[test]
    fn only_what_paths_lead_to_is_reached() {
        let file = |name: &str, text: &str| File {
            name: name.to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        let files = [
            file("a.json", r#"{"$ref": "b.json"}"#),
            file("b.json", r##"{"$ref": "a.json#/x"}"##),
            file("c.json", r#"{"$ref": "https://a.example/b.json"}"#),
            file("d.json", r#"{"$ref": "gone.json"}"#),
        ];
        let names = |root: &str| {
            let reached = reached(root, &files)?;
            Some(reached.iter().map(|file| file.name.as_str()).collect::<Vec<_>>())
        };
        assert_eq!(names("a.json"), Some(vec!["a.json", "b.json"]));
        assert_eq!(names("c.json"), None);
        assert_eq!(names("d.json"), None);
    }
}
