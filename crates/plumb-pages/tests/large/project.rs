//! A project as large as they come: made, not measured. The test and the bench share it.

use plumb_engine::audit::Entry;
use plumb_engine::coexistence::Pair;
use plumb_engine::history::Point;
use plumb_engine::rehearsals::Kept;
use plumb_gap::coverage::Gap;
use plumb_gap::finding::{Cause, Finding, SaidText, Seam, SeenText, Verdict};
use plumb_gap::judged::SeamReport;
use plumb_gap::release::Release;
use plumb_gap::report::Report;
use plumb_gap::rule::RULES;
use plumb_pages::address::View;
use plumb_pages::desk::{Desk, Mending, PlanEntry, RolloutEntry, RolloutOrder};
use plumb_pages::survey::{Strand, Survey};
use plumb_shape::tally::Tally;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const NOW_MS: i64 = 1_790_000_000_000;
const DAY_MS: i64 = 86_400_000;
const TODAY: i32 = 20_717;
const VERDICTS: [Verdict; 5] =
    [Verdict::Broken, Verdict::Drifted, Verdict::Stale, Verdict::Unobserved, Verdict::Holds];

/// A desk that knows nothing but a long history.
pub(crate) struct EmptyDesk;

impl Desk for EmptyDesk {
    fn history(&self) -> Result<Vec<Point>, String> {
        let point =
            |at: i64| Point { at_ms: NOW_MS - at * DAY_MS / 24, broken: 3, ..Point::default() };
        Ok((0..2_000).rev().map(point).collect())
    }

    fn audit(&self) -> Result<Vec<Entry>, String> {
        Ok(Vec::new())
    }

    fn mending(&self, _: &Survey, _: &str) -> Result<Mending, String> {
        Ok(Mending::default())
    }

    fn plans(&self) -> Result<Vec<PlanEntry>, String> {
        Ok(Vec::new())
    }

    fn rollouts(&self) -> Result<Vec<RolloutEntry>, String> {
        Ok(Vec::new())
    }

    fn order(&self, _: &RolloutOrder) -> Result<(), String> {
        Ok(())
    }

    fn rehearsals(&self) -> Result<Vec<Kept>, String> {
        Ok(Vec::new())
    }

    fn doctor(&self, _: &Survey) -> Result<Value, String> {
        Ok(json!({ "checks": [] }))
    }
}

/// States of a view that are worth a look.
pub(crate) fn queries(view: View) -> Vec<BTreeMap<String, String>> {
    let of = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    match view {
        View::Seams | View::Freshness => vec![
            of(&[]),
            of(&[("q", "reader:reader-1 age>2d exchanges>5")]),
            of(&[("q", "nothing is like that")]),
            of(&[("order", "exchanges"), ("page", "20")]),
        ],
        View::Findings => vec![
            of(&[]),
            of(&[("q", "owner:team-3 -verdict:holds")]),
            of(&[("q", "nothing is like that")]),
            of(&[("page", "2000")]),
        ],
        View::Map => vec![of(&[]), of(&[("focus", "writer-7"), ("hops", "3")])],
        View::Seam => {
            let seam = seam(1_999);
            vec![of(&[
                ("writer", &seam.writer),
                ("reader", &seam.reader),
                ("operation", &seam.operation),
            ])]
        }
        View::Finding => vec![of(&[("key", &finding(99_999, 2_000).key())])],
        _ => vec![of(&[])],
    }
}

fn seam(at: usize) -> Seam {
    Seam {
        writer: format!("writer-{}", at % 120),
        reader: format!("reader-{}", at / 7 % 120),
        operation: format!("GET /api/v1/resources-{at}/{{}}/of/a/long/path"),
    }
}

fn finding(at: usize, seams: usize) -> Finding {
    Finding {
        rule: RULES[at % RULES.len()],
        verdict: VERDICTS[at % 3],
        seam: seam(at % seams),
        place: format!("response 200 $.items[].field_{at}"),
        said: SaidText {
            dialect: None,
            file: format!("tests/mocks/{}.json", at % 500),
            line: 7,
            text: "a number, in every answer".to_owned(),
        },
        seen: SeenText {
            count: 12,
            of: 48_211,
            first_ms: Some(NOW_MS - DAY_MS),
            last_ms: Some(NOW_MS),
            since_version: Some(format!("3.{}", at % 9)),
            text: "absent in 12 of 48211 answers".to_owned(),
            ..SeenText::default()
        },
        claims: Vec::new(),
        fix: "say that it may be absent".to_owned(),
        cause: Cause::Contradiction,
    }
}

/// A project with so many seams and findings.
pub(crate) fn survey(seams: usize, findings: usize) -> Survey {
    let report_of = |at: usize| SeamReport {
        seam: seam(at),
        verdict: VERDICTS[at % 5],
        gap: Gap { low: 1, high: 2, exchanges: 1_000, seen_once: 3 },
        total: Tally {
            count: 1_000,
            first_ms: Some(NOW_MS - 20 * DAY_MS),
            last_ms: Some(NOW_MS - at as i64 * 60_000),
        },
        claims: at % 4,
        headers_new: Vec::new(),
    };
    let strands_of = |at: usize| {
        let strand = |day: i32| Strand {
            version: format!("3.{}", day % 3),
            environment: "production".to_owned(),
            day: TODAY - day,
            exchanges: 700,
            last_ms: NOW_MS,
        };
        (seam(at), (0..30).map(strand).collect())
    };
    let pair = |at: usize| Pair {
        writer: format!("writer-{}", at % 120),
        version: format!("3.{}", at % 8),
        reader: format!("reader-{}", at / 7 % 120),
        verdict: VERDICTS[at % 5],
        findings: 3,
        exchanges: at as u64 % 3,
        last_ms: NOW_MS,
    };
    let release = |at: usize| Release {
        at_ms: NOW_MS - at as i64 * 3_600_000,
        component: format!("writer-{}", at % 120),
        version: format!("3.{}", at % 9),
        environment: "production".to_owned(),
    };
    Survey {
        project: "shop".to_owned(),
        as_of_ms: NOW_MS,
        report: Report {
            findings: (0..findings).map(|at| finding(at, seams)).collect(),
            seams: (0..seams).map(report_of).collect(),
            ..Report::default()
        },
        owners: (0..120).map(|at| (format!("writer-{at}"), format!("team-{}", at % 9))).collect(),
        strands: (0..seams).map(strands_of).collect(),
        pairs: (0..2_000).map(pair).collect(),
        releases: (0..500).rev().map(release).collect(),
        ..Survey::default()
    }
}
