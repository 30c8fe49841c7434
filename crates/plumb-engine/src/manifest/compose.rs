//! Services of a Compose file, as <https://github.com/compose-spec/compose-spec> describes it.
//!
//! Refuses to follow files that it includes or extends.

use crate::excerpt::excerpt;
use crate::manifest::workload::{Named, Reading};
use plumb_tree::{Key, Node};

/// Names of other services that one is started after, and that are told.
const AFTER_MAX: usize = 20;

pub(super) fn read(document: &Node, reading: &mut Reading<'_>) {
    if let Some(node) = document.get("include") {
        reading.unread(node.line, "files that are included are not read; name them too");
    }
    let services = document.get("services").map(Node::entries).unwrap_or_default();
    services.iter().for_each(|(key, service)| one(key, service, reading));
}

fn one(key: &Key, service: &Node, reading: &mut Reading<'_>) {
    let name = Named { text: &key.text, line: key.line };
    let Some(image) = service.get("image") else {
        let what = if service.get("build").is_some() {
            "is built where it is started"
        } else {
            "names none"
        };
        let shown = excerpt(&key.text);
        reading.unread(key.line, format!("`{shown}` has no image, since it {what}: no version"));
        return;
    };
    let Some(mut workload) = reading.workload(&name, image) else { return };
    let update = service.path(&["deploy", "update_config", "order"]).and_then(Node::as_str);
    let replicas = service.path(&["deploy", "replicas"]).or_else(|| service.get("scale"));
    let replicas = replicas.and_then(Node::as_number).and_then(plumb_tree::Number::as_i64);
    // Of several, one after the other is stopped, and both versions are there meanwhile.
    if update == Some("stop-first") && replicas.is_none_or(|count| count <= 1) {
        workload.stops_first = Some("update_config.order is stop-first, and there is one instance");
    }
    if let Some(grace) = service.get("stop_grace_period") {
        workload.grace_s = grace.as_str().and_then(seconds);
        if workload.grace_s.is_none() {
            reading.unread(grace.line, "`stop_grace_period` is no length of time");
        }
    }
    // A list of names, or an object with a condition for each.
    let after = service.get("depends_on");
    let listed = after.map(Node::items).unwrap_or_default().iter().filter_map(Node::as_str);
    let keyed = after.map(Node::entries).unwrap_or_default().iter().map(|(key, _)| &*key.text);
    workload.after = listed.chain(keyed).take(AFTER_MAX).map(str::to_owned).collect();
    reading.add(workload);
}

/// A length of time such as `1m30s`, in whole seconds, rounded up; a year at most.
fn seconds(text: &str) -> Option<u64> {
    const MICROS_MAX: u64 = 365 * 86_400 * 1_000_000;
    const UNITS: [(&str, u64); 6] = [
        ("us", 1),
        ("µs", 1),
        ("ms", 1_000),
        ("s", 1_000_000),
        ("m", 60_000_000),
        ("h", 3_600_000_000),
    ];
    let (mut micros, mut rest) = (0_u64, text);
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let number: u64 = rest.get(..digits)?.parse().ok()?;
        let after = rest.get(digits..)?;
        let length = after.find(|letter: char| letter.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(length);
        let (_, each) = UNITS.iter().find(|(name, _)| *name == unit)?;
        micros = micros.checked_add(number.checked_mul(*each)?)?;
        rest = after;
    }
    (!text.is_empty() && micros <= MICROS_MAX).then(|| micros.div_ceil(1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time() {
        let check = |text, expected| assert_eq!(seconds(text), expected, "{text}");
        check("10s", Some(10));
        check("1m30s", Some(90));
        check("1h", Some(3_600));
        check("1500ms", Some(2));
        check("", None);
        check("10", None);
        check("s", None);
        check("1d", None);
        check("99999999999999999999s", None);
        check("9999999h", None);
    }
}
