//! What `--report` asks for: a kind and a path.
//!
//! Refuses to write anything.

use std::path::PathBuf;
use std::str::FromStr;

/// A report to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReportRequest {
    /// For which tool.
    pub(crate) kind: ReportKind,
    /// Where to.
    pub(crate) path: PathBuf,
}

/// The tools that a report can be for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReportKind {
    /// Code scanning.
    Sarif,
    /// Test results.
    Junit,
    /// GitLab Code Quality.
    Gitlab,
    /// A page for people.
    Markdown,
    /// Plumb's own document.
    Json,
}

const KINDS: [(&str, ReportKind); 5] = [
    ("sarif", ReportKind::Sarif),
    ("junit", ReportKind::Junit),
    ("gitlab", ReportKind::Gitlab),
    ("markdown", ReportKind::Markdown),
    ("json", ReportKind::Json),
];

impl FromStr for ReportRequest {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = || {
            let kinds: Vec<&str> = KINDS.iter().map(|(name, _)| *name).collect();
            format!("write a kind and a path, `sarif=plumb.sarif`; kinds: {}", kinds.join(", "))
        };
        let (name, path) = text.split_once('=').ok_or_else(wanted)?;
        let kind = KINDS.iter().find(|(known, _)| *known == name).ok_or_else(wanted)?.1;
        if path.is_empty() {
            return Err(wanted());
        }
        Ok(Self { kind, path: PathBuf::from(path) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_and_a_path() {
        let request: ReportRequest = "sarif=out/a=b.sarif".parse().unwrap();
        assert_eq!(request.kind, ReportKind::Sarif);
        assert_eq!(request.path, PathBuf::from("out/a=b.sarif"));
        for text in ["sarif", "sarif=", "pdf=x", "=x", ""] {
            let refused = text.parse::<ReportRequest>().unwrap_err();
            assert!(refused.contains("markdown"), "{text}: {refused}");
        }
    }
}
