//! Workloads among the objects of Kubernetes: whatever holds the template of a pod.
//!
//! Other objects are passed over. Refuses to know the cluster, and what controllers of others add.

use crate::excerpt::excerpt;
use crate::manifest::workload::{Named, Reading, Runs};
use plumb_tree::{Node, Number};

/// The labels that say what something is to people.
/// Source: <https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/>.
const LABELS: [&str; 3] =
    ["app.kubernetes.io/name", "app.kubernetes.io/version", "app.kubernetes.io/component"];

/// Kinds that hold the template of a pod.
const WORKLOADS: [&str; 6] = ["CronJob", "DaemonSet", "Deployment", "Job", "Pod", "StatefulSet"];

/// Seconds of grace at most; more is no grace but a mistake.
const GRACE_S_MAX: i64 = 365 * 86_400;

/// Containers that run beside a workload's own, and that are told.
const BESIDE_MAX: usize = 8;

/// Reads one object, or each of a list. Lists in lists are as deep as a tree may be.
pub(super) fn read(object: &Node, reading: &mut Reading<'_>) {
    let kind = object.get("kind").and_then(Node::as_str).unwrap_or_default();
    if kind.ends_with("List") {
        let items = object.get("items").map(Node::items).unwrap_or_default();
        items.iter().for_each(|item| read(item, reading));
        return;
    }
    let template = match kind {
        "Pod" => Some(object),
        "CronJob" => object.path(&["spec", "jobTemplate", "spec", "template"]),
        _ => object.path(&["spec", "template"]),
    };
    let pod = template.and_then(|template| template.get("spec"));
    match pod.filter(|pod| pod.get("containers").is_some()) {
        Some(pod) => workload(kind, (object, template, pod), reading),
        None if WORKLOADS.contains(&kind) => {
            reading.unread(object.line, format!("the {kind} has no containers"));
        }
        None => {}
    }
}

fn workload(
    kind: &str,
    (object, template, pod): (&Node, Option<&Node>, &Node),
    reading: &mut Reading<'_>,
) {
    let label = |name: &str| {
        let of =
            |node: &Node| node.path(&["metadata", "labels", name])?.as_str().map(str::to_owned);
        of(object).or_else(|| template.and_then(of)).filter(|text| !text.is_empty())
    };
    let [called, version, part] = LABELS.map(label);
    let metadata = |key| object.path(&["metadata", key]).and_then(Node::as_str);
    let prefix = || metadata("generateName").map(|prefix| prefix.trim_end_matches('-'));
    let Some(name) = metadata("name").or_else(prefix) else {
        return reading.unread(object.line, format!("the {} has no name", excerpt(kind)));
    };
    let containers = pod.get("containers").map(Node::items).unwrap_or_default();
    let named = |one: &&Node| one.get("name").and_then(Node::as_str) == Some(name);
    let Some(main) = containers.iter().find(named).or_else(|| containers.first()) else {
        return reading.unread(pod.line, format!("`{}` has no containers", excerpt(name)));
    };
    let Some(image) = main.get("image") else {
        return reading.unread(main.line, format!("`{}` has no image", excerpt(name)));
    };
    let line = object.path(&["metadata", "name"]).map_or(object.line, |node| node.line);
    let Some(mut workload) = reading.workload(&Named { text: name, line }, image) else { return };
    if workload.image.version.is_none() {
        workload.image.version = version;
    }
    workload.runs = match kind {
        "CronJob" | "Job" => Runs::NowAndThen,
        _ if part.as_deref() == Some("worker") => Runs::Working,
        _ => Runs::Always,
    };
    workload.aliases = called.into_iter().chain(part).filter(|alias| alias != name).collect();
    if object.path(&["spec", "strategy", "type"]).and_then(Node::as_str) == Some("Recreate") {
        workload.stops_first = Some("its strategy is Recreate");
    }
    if let Some(grace) = pod.get("terminationGracePeriodSeconds") {
        let seconds = grace.as_number().and_then(Number::as_i64);
        let seconds = seconds.filter(|seconds| (0..=GRACE_S_MAX).contains(seconds));
        workload.grace_s = seconds.and_then(|seconds| u64::try_from(seconds).ok());
        if seconds.is_none() {
            let reason = "`terminationGracePeriodSeconds` is no number of seconds";
            reading.unread(grace.line, reason);
        }
    }
    let others = containers.iter().filter(|one| !std::ptr::eq(*one, main));
    let images = others.filter_map(|one| one.get("image")).filter_map(Node::as_str);
    workload.beside = images.take(BESIDE_MAX).map(str::to_owned).collect();
    reading.add(workload);
}
