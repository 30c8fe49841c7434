//! Analyses and rollouts of Argo.
//!
//! Refuses to know other platforms.

use crate::gates::condition::{is_constant, takes_nothing};
use crate::gates::finding::{Linting, Rule, name, place, whole};
use crate::gates::query::hides_nothing;
use plumb_tree::Node;
use std::collections::BTreeSet;

const NO_CONDITION: Rule = (
    "no-condition",
    "with neither condition, whatever is measured counts as a success",
    "give `successCondition` and `failureCondition`",
);
const CONSTANT: Rule = (
    "constant-condition",
    "the condition does not look at `result`, so it says the same of every measurement",
    "compare `result` with what it must be",
);
const TAKES_NOTHING: Rule = (
    "nothing-passes",
    "a canary that nobody calls, or that says nothing, has no value and passes",
    "leave the part out, and let a measurement without value fail or be inconclusive",
);
const LIMIT_OFF: Rule = (
    "limit-off",
    "-1 means any number of failures, so the metric never fails",
    "write how many failures may be, 0 for none",
);
const LIMIT_BEYOND: Rule = (
    "limit-beyond-count",
    "it fails only when there are more failures than `failureLimit`, and there are no more \
     measurements than `count`",
    "make `failureLimit` less than `count`",
);
const ENDLESS: Rule = (
    "endless-background",
    "it runs until the rollout ends, and then counts as a success whatever it has not measured yet",
    "give a `count`, and ask it in a step as well, so that the rollout waits for it",
);
const BY_STATUS: Rule = (
    "web-status",
    "Argo takes a status outside 200 to 299 for an error of the measurement and asks again; a bad \
     version is never told as failed",
    "ask an address that answers 200 with a verdict in JSON, and compare that",
);
const HIDDEN: Rule = (
    "missing-hidden",
    "the number stands in when nothing is measured, so a version that is not there looks healthy",
    "leave it out, and ask for the number of requests in a metric of its own",
);
const DRY: Rule = (
    "dry-run",
    "a metric on a dry run is measured and never counts",
    "take it from `dryRun` once it is trusted",
);
const NOBODY_ASKED: Rule = (
    "nothing-asked",
    "every pause ends by itself and no analysis is asked, so each version is promoted",
    "add an `analysis` step, or a pause without a duration",
);

/// Providers whose measurements are judged by conditions.
const BY_CONDITION: [&str; 10] = [
    "web",
    "prometheus",
    "datadog",
    "newRelic",
    "wavefront",
    "cloudWatch",
    "graphite",
    "influxdb",
    "skywalking",
    "plugin",
];

/// Parts of a path that tell by their status how a service is.
const STATUS_PATHS: [&str; 9] =
    ["health", "healthz", "livez", "readyz", "ready", "live", "ping", "readiness", "liveness"];

/// Where this program answers Flagger by its status.
const OWN_STATUS_PATH: &str = "/v1/flagger/";

/// The templates that a rollout asks in the background.
pub(crate) fn background(object: &Node) -> Vec<&str> {
    let is_rollout = object.get("kind").and_then(Node::as_str) == Some("Rollout");
    let templates = object.path(&["spec", "strategy", "canary", "analysis", "templates"]);
    let names = templates.filter(|_| is_rollout).map_or(&[][..], Node::items).iter();
    names.filter_map(|one| one.get("templateName")?.as_str()).collect()
}

/// A template of an analysis, or a run of one.
pub(crate) fn analysis(object: &Node, background: &BTreeSet<&str>, linting: &mut Linting) {
    let whose = name(object);
    let own = object.path(&["metadata", "name"]).and_then(Node::as_str).unwrap_or_default();
    let is_background = background.contains(own);
    for metric in object.path(&["spec", "metrics"]).map_or(&[][..], Node::items) {
        linting.gate();
        let metric_name = metric.get("name").and_then(Node::as_str).unwrap_or("?");
        let subject = format!("{whose}, metric `{metric_name}`");
        conditions(metric, &subject, linting);
        limits(metric, &subject, linting);
        provider(metric, &subject, linting);
        if let Some(interval) = metric.get("interval").filter(|_| metric.get("count").is_none())
            && is_background
        {
            let what = "an interval without a count, in the background of a rollout".to_owned();
            linting.found(ENDLESS, place(interval), &subject, what);
        }
    }
    dry_run(object.path(&["spec", "dryRun"]), &whose, linting);
}

fn conditions(metric: &Node, subject: &str, linting: &mut Linting) {
    let Some(provider) = metric.get("provider") else { return };
    let is_asked = provider.entries().iter().any(|(key, _)| BY_CONDITION.contains(&&*key.text));
    let both = ["successCondition", "failureCondition"];
    let given = |key: &str| {
        let node = metric.get(key)?;
        node.as_str().filter(|text| !text.trim().is_empty()).map(|text| (node, text))
    };
    if is_asked && both.iter().all(|key| given(key).is_none()) {
        let what = "neither `successCondition` nor `failureCondition`".to_owned();
        linting.found(NO_CONDITION, place(metric), subject, what);
    }
    for key in both {
        // `true` without quotes is not text, and a constant all the same.
        let plain = metric.get(key).and_then(|node| Some((node, node.as_bool()?)));
        if let Some((node, is)) = plain {
            linting.found(CONSTANT, place(node), subject, format!("`{key}` is `{is}`"));
        }
        let Some((node, text)) = given(key) else { continue };
        if is_constant(text) {
            linting.found(CONSTANT, place(node), subject, format!("`{key}` is `{}`", text.trim()));
        } else if key == "successCondition" && takes_nothing(text) {
            linting.found(TAKES_NOTHING, place(node), subject, format!("`{}`", text.trim()));
        }
    }
}

fn limits(metric: &Node, subject: &str, linting: &mut Linting) {
    let Some(node) = metric.get("failureLimit") else { return };
    let Some(limit) = whole(node) else { return };
    if limit < 0 {
        linting.found(LIMIT_OFF, place(node), subject, format!("`failureLimit` is {limit}"));
        return;
    }
    let count = metric.get("count").and_then(whole);
    // Without an interval there is one measurement.
    let is_one = metric.get("interval").is_none() && metric.get("count").is_none();
    let count = if is_one { Some(1) } else { count.filter(|count| *count > 0) };
    if let Some(count) = count.filter(|count| limit >= *count) {
        let what = format!("`failureLimit` is {limit}, of {count} measurements");
        linting.found(LIMIT_BEYOND, place(node), subject, what);
    }
}

fn provider(metric: &Node, subject: &str, linting: &mut Linting) {
    if let Some(url) = metric.path(&["provider", "web", "url"])
        && let Some(text) = url.as_str()
        && is_by_status(text)
    {
        linting.found(BY_STATUS, place(url), subject, format!("`{text}`"));
    }
    if let Some(query) = metric.path(&["provider", "prometheus", "query"])
        && query.as_str().is_some_and(hides_nothing)
    {
        let what = "the query takes a number where nothing is measured".to_owned();
        linting.found(HIDDEN, place(query), subject, what);
    }
}

fn is_by_status(url: &str) -> bool {
    let path = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut parts = path.split('/').skip(1);
    path.contains(OWN_STATUS_PATH) || parts.any(|part| STATUS_PATHS.contains(&part))
}

fn dry_run(node: Option<&Node>, whose: &str, linting: &mut Linting) {
    for one in node.map_or(&[][..], Node::items) {
        if let Some(metric) = one.get("metricName") {
            let what = format!("`{}` is on a dry run", metric.as_str().unwrap_or_default());
            linting.found(DRY, place(metric), whose, what);
        }
    }
}

/// A rollout by itself.
pub(crate) fn rollout(object: &Node, linting: &mut Linting) {
    let whose = name(object);
    for strategy in ["canary", "blueGreen"] {
        let Some(strategy) = object.path(&["spec", "strategy", strategy]) else { continue };
        linting.gate();
        for key in ["analysis", "prePromotionAnalysis", "postPromotionAnalysis"] {
            dry_run(strategy.path(&[key, "dryRun"]), &whose, linting);
        }
        let steps = strategy.get("steps");
        let all = steps.map_or(&[][..], Node::items);
        for step in all {
            dry_run(step.path(&["analysis", "dryRun"]), &whose, linting);
        }
        let is_asked = strategy.get("analysis").is_some()
            || all.iter().any(|step| step.get("analysis").or(step.get("experiment")).is_some());
        let waits = |step: &Node| {
            step.get("pause").is_some_and(|pause| pause.get("duration").is_none())
                || step.get("plugin").is_some()
        };
        if let Some(steps) = steps
            && !all.is_empty()
            && !is_asked
            && !all.iter().any(waits)
        {
            let what = format!("{} steps, and none of them asks", all.len());
            linting.found(NOBODY_ASKED, place(steps), &whose, what);
        }
    }
}
