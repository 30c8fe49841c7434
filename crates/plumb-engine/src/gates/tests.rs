//! Files with gates, each with what has to be found in it. Refuses nothing.

use super::*;

fn rules(text: &str) -> Vec<(u32, &'static str)> {
    let linted = lint(&[("file.yaml".to_owned(), text.as_bytes().to_vec())]);
    assert!(linted.unread.is_empty(), "{linted:?}");
    linted.findings.iter().map(|one| (one.line, one.rule)).collect()
}

/// One metric of an analysis, whose first line is the eighth.
fn metric(lines: &str) -> String {
    let lines: String = lines.lines().map(|line| format!("    {line}\n")).collect();
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: AnalysisTemplate\nmetadata:\n  name: a\nspec:\n  \
         metrics:\n  - name: m\n{lines}"
    )
}

#[test]
fn a_metric_that_asks_is_clean() {
    let good = "provider:\n  prometheus:\n    query: sum(a) / sum(b)\n\
                successCondition: result[0] < 0.05\nfailureCondition: result[0] >= 0.05\n\
                interval: 1m\ncount: 5\nfailureLimit: 2";
    assert_eq!(rules(&metric(good)), []);
    let job = "provider:\n  job:\n    spec: {}";
    assert_eq!(rules(&metric(job)), []);
}

#[test]
fn limits_are_compared_with_how_often_is_measured() {
    let with = |lines: &str| {
        let web = "provider: {web: {url: 'http://x/v'}}\nsuccessCondition: result > 1\n";
        rules(&metric(&format!("{web}{lines}")))
    };
    assert_eq!(with("failureLimit: -1"), [(10, "limit-off")]);
    assert_eq!(with("failureLimit: '3'\ncount: 3\ninterval: 1m"), [(10, "limit-beyond-count")]);
    assert_eq!(with("failureLimit: 1"), [(10, "limit-beyond-count")]);
    assert_eq!(with("failureLimit: 2\ncount: 3\ninterval: 1m"), []);
    assert_eq!(with("failureLimit: 2\ninterval: 1m"), []);
}

#[test]
fn background_is_told_from_the_rollout_in_the_same_or_another_file() {
    let template =
        metric("provider: {web: {url: 'http://x/v'}}\nsuccessCondition: result > 1\ninterval: 1m");
    assert_eq!(rules(&template), []);
    let rollout = "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: r}\nspec:\n  \
                   strategy:\n    canary:\n      analysis: {templates: [{templateName: a}]}\n";
    let files = [("a".to_owned(), template.into_bytes()), ("b".to_owned(), rollout.into())];
    let linted = lint(&files);
    assert_eq!(linted.findings.len(), 1);
    assert_eq!((linted.findings[0].rule, linted.gates), ("endless-background", 2));
}

#[test]
fn what_is_broken_or_no_gate_is_told_apart() {
    let linted = lint(&[("a".to_owned(), b"{{ .Values }}\n- : [".to_vec())]);
    assert_eq!((linted.unread.len(), linted.gates), (1, 0));
    let other = "apiVersion: v1\nkind: List\nitems:\n- {kind: Service, apiVersion: v1}\n";
    assert_eq!(lint(&[("a".to_owned(), other.into())]), Linted::default());
}
