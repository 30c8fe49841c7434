//! Messages of a queue whose producer moves from the first protocol of Celery to the second, where
//! nothing hides in a pickle: written by hand after what both are documented to send in JSON.

use crate::trial::{judged, lines};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plumb_gap::finding::Verdict;
use plumb_gap::rule::Rule;
use std::fs;

const OF_FIRST: &str = r#"{"task":"tasks.add","id":"7f","args":[2,3],"kwargs":{}}"#;
const OF_SECOND: &str = r#"[[2,3],{},{"chain":null}]"#;

fn envelope(body: &str, headers: &str) -> String {
    format!(
        "{{\"body\":\"{}\",\"content-type\":\"application/json\",\"headers\":{headers},\
         \"properties\":{{\"body_encoding\":\"base64\",\
         \"delivery_info\":{{\"exchange\":\"\",\"routing_key\":\"celery\"}}}}}}\n",
        STANDARD.encode(body)
    )
}

#[test]
fn a_name_that_moves_from_the_body_into_headers_breaks_its_reader() {
    let folder = tempfile::tempdir().unwrap();
    let (recorded, seen) = (folder.path().join("said.ndjson"), folder.path().join("seen.ndjson"));
    fs::write(&recorded, envelope(OF_FIRST, "{}")).unwrap();
    let headers = r#"{"task":"tasks.add","id":"7f","lang":"py"}"#;
    fs::write(&seen, envelope(OF_SECOND, headers)).unwrap();
    let report = judged(&recorded, &seen).report;
    let found = report.findings.iter().map(|one| (one.rule, one.verdict, one.place.as_str()));
    let found: Vec<_> = found.filter(|(_, _, place)| !place.contains("[]")).collect();
    let header = |place| (Rule::ResponseHeaderNew, Verdict::Drifted, place);
    let expected = [
        (Rule::ResponseTypeChanged, Verdict::Broken, "response $"),
        header("response header id"),
        header("response header lang"),
        header("response header task"),
    ];
    assert_eq!(found, expected, "{}", lines(&report));
}

#[test]
fn messages_of_several_kinds_on_one_queue_are_no_news_to_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let (recorded, seen) = (folder.path().join("said.ndjson"), folder.path().join("seen.ndjson"));
    let kinds = [envelope(OF_FIRST, "{}"), envelope(OF_SECOND, r#"{"task":"t"}"#)];
    fs::write(&recorded, kinds.concat()).unwrap();
    fs::write(&seen, [&*kinds[1], &kinds[0], &kinds[1]].concat()).unwrap();
    let report = judged(&recorded, &seen).report;
    assert!(report.findings.is_empty(), "{}", lines(&report));
}
