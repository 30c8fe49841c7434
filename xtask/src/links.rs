//! Relative links in Markdown that lead nowhere.
//!
//! Refuses to follow anything outside the repository, and to judge anchors.

use crate::complaint::Complaint;
use crate::tree::Tree;

/// What a relative link never begins with.
const ELSEWHERE: [&str; 4] = ["http://", "https://", "mailto:", "#"];

/// Complains about every relative link without a file or folder at its end.
pub(crate) fn links(tree: &Tree) -> Vec<Complaint> {
    let pages = tree.texts().filter(|(file, _)| file.ends_with(".md"));
    pages.flat_map(|(file, text)| dead_links(tree, file, text)).collect()
}

fn dead_links(tree: &Tree, file: &str, text: &str) -> Vec<Complaint> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (index, line) in text.lines().enumerate() {
        let fence = line.trim_start().starts_with("```");
        fenced ^= fence;
        if fence || fenced {
            continue;
        }
        let dead = targets(line).into_iter().filter(|target| !leads(tree, file, target));
        found.extend(dead.map(|target| Complaint {
            file: file.to_owned(),
            line: index + 1,
            what: format!("`{target}` leads nowhere"),
            why: "a dead link costs every reader the search",
            remedy: "correct the path, relative to this page, or drop the link",
        }));
    }
    found
}

/// The link targets in a line, inline or as a definition, outside of inline code.
fn targets(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for prose in line.split('`').step_by(2) {
        let inline = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        found.extend(inline);
    }
    let definition = line.strip_prefix('[').and_then(|rest| rest.split_once("]: "));
    found.extend(definition.map(|(_, target)| target.trim()));
    let bare = |target: &&str| target.split_whitespace().next().map_or(0, str::len);
    found.into_iter().filter_map(|target| target.get(..bare(&target))).collect()
}

fn leads(tree: &Tree, file: &str, target: &str) -> bool {
    if ELSEWHERE.iter().any(|start| target.starts_with(start)) {
        return true;
    }
    let path = target.split(['#', '?']).next().unwrap_or_default();
    resolved(file, path).is_some_and(|path| tree.holds(&path))
}

/// The path from the root; none if it climbs out of the repository.
fn resolved(file: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = if path.starts_with('/') {
        Vec::new()
    } else {
        file.rsplit_once('/').map_or(Vec::new(), |(folder, _)| folder.split('/').collect())
    };
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::planted;

    fn check(text: &str, expected: &[(usize, &str)]) {
        let found = links(&planted(&[("docs/a.md", text), ("docs/b/c.md", ""), ("d.md", "")]));
        let found: Vec<_> = found.iter().map(|it| (it.line, it.what.as_str())).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn dead_links_complain() {
        check("\n[x](e.md)", &[(2, "`e.md` leads nowhere")]);
        check("[x](../../d.md)", &[(1, "`../../d.md` leads nowhere")]);
        check("[x]: b/d.md", &[(1, "`b/d.md` leads nowhere")]);
    }

    #[test]
    fn living_and_foreign_links_are_silent() {
        check("[x](b/c.md#top), [y](../d.md \"title\"), [z](b), [w](/d.md)", &[]);
        check("[x](https://example.org/e.md) [y](#here) [z](mailto:a@example.org)", &[]);
        check("`[x](e.md)`\n```\n[x](e.md)\n```", &[]);
    }
}
