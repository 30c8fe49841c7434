//! A report with one name in every string that comes from traffic or files.

use plumb_gap::coverage::Gap;
use plumb_gap::finding::{Cause, Finding, SaidText, Seam, SeenText, Verdict};
use plumb_gap::judged::{ClaimReport, SeamReport};
use plumb_gap::report::Report;
use plumb_gap::rule::{RULES, Rule};
use plumb_shape::claim::{Claim, Dialect, SaidQuery, SaidRequest, SaidStatus, Source, Strength};
use plumb_shape::fold::Fold;
use plumb_shape::literal::LiteralKey;
use plumb_shape::operation::PathPattern;
use plumb_shape::place::Side;
use plumb_shape::profile::Profile;
use plumb_shape::said::Said;
use plumb_shape::tally::Tally;
use plumb_wire::reported::{Acceptance, Reported, Unread};
use std::collections::BTreeMap;
use std::sync::Arc;

/// 2026-11-21T10:02:33.120Z.
pub(crate) const NOON_MS: i64 = 1_795_255_353_120;

pub(crate) struct Sample {
    pub(crate) claims: Vec<Claim>,
    pub(crate) report: Report,
    pub(crate) accepted: BTreeMap<String, Acceptance>,
    name: String,
}

/// Names that try to break out of where they are put.
pub(crate) fn hostile_names() -> Vec<String> {
    let mut names: Vec<String> = [
        "",
        "payments",
        "<script>alert(1)</script>",
        "</details><img src=x onerror=y>",
        "\u{1b}[31mred\u{1b}]8;;http://x\u{7}\u{9b}1m",
        "a\r\n::error file=b::c\n\n## d",
        "\u{202e}gnp.exe\u{2066}\u{200f}",
        "a|b `c` @team #12 **d** [e](javascript:f) <!-- g",
        "\0\u{7f}\u{85}\u{feff}\u{fffe}\u{ffff}\u{2028}",
        "--> ]]> &amp; &#x0; \" ' %0A%25,:",
        "../../etc/x:1?y#z",
        "نص 日本 👩\u{200d}🚀 é",
    ]
    .map(str::to_owned)
    .to_vec();
    names.push("x|@".repeat(3_400));
    names.push("\u{1b}".repeat(10_000));
    names
}

impl Sample {
    /// One claim and one finding for each verdict, and as many more findings as wanted.
    pub(crate) fn new(name: &str, more: usize) -> Self {
        let verdicts = [
            Verdict::Broken,
            Verdict::Drifted,
            Verdict::Stale,
            Verdict::Unobserved,
            Verdict::Holds,
        ];
        let claims: Vec<Claim> = (1..6).map(|line| claim(name, line)).collect();
        let bad = verdicts.into_iter().zip(&claims).filter(|(one, _)| *one != Verdict::Holds);
        let mut findings: Vec<Finding> = bad
            .map(|(verdict, claim)| finding(name, verdict, Rule::ResponseFieldGone, claim))
            .collect();
        for rule in RULES.into_iter().cycle().take(more) {
            findings.push(finding(name, Verdict::Broken, rule, &claims[0]));
        }
        findings.sort_by_key(|one| (std::cmp::Reverse(one.verdict), one.key()));
        let judged = verdicts.map(|verdict| ClaimReport {
            verdict,
            reason: format!("because {name}"),
            exchanges: 40,
        });
        let report = Report {
            seams: vec![seam_report(name)],
            claims: judged.to_vec(),
            gap: Gap { low: 9, high: 11, exchanges: 41, seen_once: 2 },
            exchanges_unclaimed: 3,
            findings,
        };
        Self { claims, report, accepted: BTreeMap::new(), name: name.to_owned() }
    }

    /// Accepts the worst finding.
    pub(crate) fn accept_worst(&mut self) {
        let reason = format!("lived with {}", self.name);
        let until = Some(jiff::civil::date(2026, 12, 31));
        self.accepted.insert(self.report.findings[0].key(), Acceptance { reason, until });
    }

    /// What could not be read.
    pub(crate) fn unread(&self) -> Vec<Unread<'_>> {
        let name = self.name.as_str();
        vec![
            Unread { file: name, line: 3, reason: name, remedy: name },
            Unread { file: "a.json", line: 0, reason: "not JSON", remedy: "mend it" },
        ]
    }

    pub(crate) fn reported<'a>(&'a self, unread: &'a [Unread<'a>]) -> Reported<'a> {
        Reported {
            report: &self.report,
            claims: &self.claims,
            unread,
            accepted: &self.accepted,
            as_of_ms: NOON_MS,
        }
    }
}

fn claim(name: &str, line: u32) -> Claim {
    Claim {
        source: Source {
            dialect: Dialect::WireMock,
            file: name.to_owned(),
            line,
            column: 1,
            title: name.to_owned(),
        },
        strength: Strength::Example,
        writer: Some(name.to_owned()),
        reader: None,
        request: SaidRequest {
            methods: vec!["GET".to_owned(), "POST".to_owned()],
            path: PathPattern::of_path(name),
            query: SaidQuery::Any,
            priority: 5,
            stateful: false,
        },
        status: SaidStatus::Class(4),
        said: Said::default(),
    }
}

fn finding(name: &str, verdict: Verdict, rule: Rule, claim: &Claim) -> Finding {
    let other = Source { file: format!("other/{name}"), line: 7, ..claim.source.clone() };
    Finding {
        rule,
        verdict,
        seam: seam(name),
        place: format!("response 402 $.{name}[{}]", claim.source.line),
        said: SaidText::of(&claim.source, format!("always {name}")),
        seen: SeenText {
            count: 6,
            of: 7,
            first_ms: Some(0),
            last_ms: Some(i64::MAX),
            writer_version: Some(name.to_owned()),
            since_version: Some("7".to_owned()),
            last_good_ms: Some(NOON_MS),
            untested_readers: vec![name.to_owned()],
            are_literals_withheld: true,
            text: format!("never {name}"),
        },
        claims: vec![claim.source.clone(), other],
        fix: format!("mend {name}"),
        cause: Cause::Contradiction,
    }
}

fn seam(name: &str) -> Seam {
    let operation = format!("GET /{name}");
    Seam { writer: name.to_owned(), reader: String::new(), operation }
}

fn seam_report(name: &str) -> SeamReport {
    SeamReport {
        seam: seam(name),
        verdict: Verdict::Broken,
        gap: Gap::default(),
        total: Tally { count: 41, first_ms: Some(0), last_ms: None },
        claims: 5,
        headers_new: vec![name.to_owned()],
    }
}

/// Three exchanges whose body has a member of this name, and one with free text.
pub(crate) fn profile(name: &str) -> Profile {
    let mut fold = Fold::new(LiteralKey::new([7; 32]), Arc::new(|_| false));
    let mut body = serde_json::Map::new();
    body.insert(name.to_owned(), "pending".into());
    body.insert("note".to_owned(), "free text, with a comma!".into());
    let body = serde_json::Value::from(body).to_string();
    for at in 0..3 {
        fold.begin(Some(NOON_MS + at));
        fold.json(Side::Response, body.as_bytes()).expect("the body is JSON");
        fold.commit();
    }
    Profile { outcomes: BTreeMap::from([(402, fold.seal())]) }
}
