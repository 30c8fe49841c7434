//! Canaries and metric templates of Flagger.
//!
//! Refuses to know other platforms.

use crate::gates::finding::{Linting, Rule, name, place, real, whole};
use crate::gates::query::hides_nothing;
use plumb_tree::Node;

const SKIPPED: Rule = (
    "analysis-skipped",
    "the new version is promoted without any check",
    "take `skipAnalysis` out",
);
const NO_METRICS: Rule = (
    "no-metrics",
    "without metrics and without hooks that are asked, nothing can fail",
    "add metrics with a `thresholdRange`, or a webhook of type `rollout` or `confirm-promotion`",
);
const IGNORED: Rule = (
    "metric-ignored",
    "a metric that is not built in and has neither `templateRef` nor `query` is not measured",
    "name a MetricTemplate in `templateRef`",
);
const NO_BOUND: Rule = (
    "no-bound",
    "without a bound every value is right",
    "give `thresholdRange` a `min` or a `max`",
);
const ANY_BOUND: Rule = (
    "bound-beyond-all",
    "a share of requests never lies outside of it",
    "write the share that has to succeed, in percent, such as 99",
);
const THRESHOLD_NONE: Rule = (
    "threshold-none",
    "no number of failed checks is said, so what happens does not depend on how many there are",
    "give `threshold` the number of failed checks after which to roll back, such as 5",
);
const THRESHOLD_HUGE: Rule = (
    "threshold-huge",
    "a bad version keeps its traffic until so many checks have failed, one each interval",
    "give `threshold` the number of failed checks after which to roll back, such as 5",
);
const HIDDEN: Rule = (
    "missing-hidden",
    "the number stands in when nothing is measured, so a version that is not there looks healthy",
    "leave it out: Flagger counts a check without a value as failed",
);

/// Metrics that Flagger knows by itself.
const BUILT_IN: [&str; 2] = ["request-success-rate", "request-duration"];

/// Hooks whose answer can stop a canary.
const ASKED_HOOKS: [&str; 5] =
    ["rollout", "confirm-promotion", "confirm-traffic-increase", "pre-rollout", "rollback"];

/// Failed checks beyond which nobody has waited for them: with the usual minute, more than an hour.
const THRESHOLD_MAX: i64 = 60;

pub(crate) fn canary(object: &Node, linting: &mut Linting) {
    let whose = name(object);
    linting.gate();
    if let Some(skip) = object.path(&["spec", "skipAnalysis"])
        && skip.as_bool() == Some(true)
    {
        linting.found(SKIPPED, place(skip), &whose, "`skipAnalysis` is true".to_owned());
    }
    // An older name of the same.
    let analysis =
        object.path(&["spec", "analysis"]).or_else(|| object.path(&["spec", "canaryAnalysis"]));
    let Some(analysis) = analysis else {
        let at = object.get("spec").map_or((object.line, object.column), place);
        linting.found(NO_METRICS, at, &whose, "there is no `analysis`".to_owned());
        return;
    };
    threshold(analysis, &whose, linting);
    let metrics = analysis.get("metrics").map_or(&[][..], Node::items);
    let hooks = analysis.get("webhooks").map_or(&[][..], Node::items).iter();
    // A hook without a type is asked at each look.
    let is_asked = |hook: &Node| {
        let kind = hook.get("type").and_then(Node::as_str).unwrap_or("rollout");
        ASKED_HOOKS.contains(&kind) && !is_load_tester(hook)
    };
    if metrics.is_empty() && !hooks.into_iter().any(is_asked) {
        linting.found(NO_METRICS, place(analysis), &whose, "no metrics".to_owned());
    }
    for one in metrics {
        linting.gate();
        metric(one, &whose, linting);
    }
}

/// Whether a hook only makes traffic: Flagger's own load tester, told by what it is sent.
fn is_load_tester(hook: &Node) -> bool {
    let kind = hook.path(&["metadata", "type"]).and_then(Node::as_str);
    let command = hook.path(&["metadata", "cmd"]).and_then(Node::as_str).unwrap_or_default();
    let makes_load =
        ["hey ", "wrk ", "k6 ", "ghz "].iter().any(|program| command.contains(program));
    makes_load && kind.is_none_or(|kind| kind == "cmd")
}

fn threshold(analysis: &Node, whose: &str, linting: &mut Linting) {
    let Some(node) = analysis.get("threshold") else {
        linting.found(THRESHOLD_NONE, place(analysis), whose, "no `threshold`".to_owned());
        return;
    };
    match whole(node) {
        Some(number) if number <= 0 => {
            linting.found(THRESHOLD_NONE, place(node), whose, format!("`threshold` is {number}"));
        }
        Some(number) if number > THRESHOLD_MAX => {
            linting.found(THRESHOLD_HUGE, place(node), whose, format!("`threshold` is {number}"));
        }
        _ => {}
    }
}

fn metric(metric: &Node, whose: &str, linting: &mut Linting) {
    let metric_name = metric.get("name").and_then(Node::as_str).unwrap_or("?");
    let subject = format!("{whose}, metric `{metric_name}`");
    let is_measured = metric.get("templateRef").or(metric.get("query")).is_some();
    if !BUILT_IN.contains(&metric_name) && !is_measured {
        let what = "neither `templateRef` nor `query`".to_owned();
        linting.found(IGNORED, place(metric), &subject, what);
    }
    if let Some(query) = metric.get("query")
        && query.as_str().is_some_and(hides_nothing)
    {
        linting.found(HIDDEN, place(query), &subject, "`or vector(...)`".to_owned());
    }
    let range = metric.get("thresholdRange");
    let bound = |key: &str| range?.get(key);
    let (min, max) = (bound("min"), bound("max"));
    if min.or(max).or(metric.get("threshold")).is_none() {
        let what = match range {
            None => "no `thresholdRange`",
            Some(_) => "`thresholdRange` with neither `min` nor `max`",
        };
        linting.found(NO_BOUND, place(range.unwrap_or(metric)), &subject, what.to_owned());
    }
    let least = min.or(metric.get("threshold").filter(|_| range.is_none()));
    if metric_name == "request-success-rate"
        && let Some(node) = least
        && real(node).is_some_and(|least| least <= 0.0)
    {
        let what = "at least 0 % of requests have to succeed".to_owned();
        linting.found(ANY_BOUND, place(node), &subject, what);
    }
}

/// A template of a metric.
pub(crate) fn template(object: &Node, linting: &mut Linting) {
    linting.gate();
    if let Some(query) = object.path(&["spec", "query"])
        && query.as_str().is_some_and(hides_nothing)
    {
        let what = "the query takes a number where nothing is measured".to_owned();
        linting.found(HIDDEN, place(query), &name(object), what);
    }
}
