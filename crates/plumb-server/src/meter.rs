//! What the daemon counts, for `/metrics`. Refuses to know why anything happened.

use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use std::sync::atomic::AtomicU64;

/// What became of a delta.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub(crate) enum Outcome {
    /// It was merged.
    #[expect(non_camel_case_types, reason = "labels are lower case")]
    new,
    /// It had come before.
    #[expect(non_camel_case_types, reason = "labels are lower case")]
    already,
    /// It was older than the retention.
    #[expect(non_camel_case_types, reason = "labels are lower case")]
    late,
    /// It was not taken.
    #[expect(non_camel_case_types, reason = "labels are lower case")]
    refused,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct OfProject {
    pub(crate) project: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct OfOutcome {
    pub(crate) project: String,
    pub(crate) outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct OfVerdict {
    pub(crate) verdict: &'static str,
}

/// Everything that is counted.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    pub(crate) registry: Registry,
    pub(crate) deltas: Family<OfOutcome, Counter>,
    pub(crate) exchanges: Family<OfProject, Counter>,
    pub(crate) received: Family<OfProject, Counter>,
    pub(crate) busy: Counter,
    pub(crate) turned_away: Counter,
    pub(crate) store_failures: Counter,
    pub(crate) hook_failures: Counter,
    pub(crate) claims: Family<OfVerdict, Gauge>,
    pub(crate) gap: Gauge<f64, AtomicU64>,
    pub(crate) unseen: Gauge<f64, AtomicU64>,
    pub(crate) judged: Gauge<f64, AtomicU64>,
}

/// Nothing counted yet.
pub(crate) fn meter() -> Meter {
    let mut meter = Meter::default();
    let mut registry = Registry::with_prefix("plumb");
    let it = &mut registry;
    it.register("deltas", "Deltas by what became of them", meter.deltas.clone());
    it.register("exchanges", "Exchanges taken in", meter.exchanges.clone());
    it.register_with_unit(
        "delta_received",
        "Deltas without compression",
        Unit::Bytes,
        meter.received.clone(),
    );
    it.register("busy", "Deltas put off for want of room", meter.busy.clone());
    it.register("turned_away", "Requests without the right to be made", meter.turned_away.clone());
    it.register("store_failures", "Answers that the store failed", meter.store_failures.clone());
    it.register("hook_failures", "Announcements given up", meter.hook_failures.clone());
    it.register("claims", "Assumptions by verdict, when last judged", meter.claims.clone());
    it.register_with_unit(
        "gap",
        "Share of exchanges that carry something no assumption covers",
        Unit::Ratios,
        meter.gap.clone(),
    );
    it.register_with_unit(
        "unseen",
        "Estimated share of behaviour that has not been seen",
        Unit::Ratios,
        meter.unseen.clone(),
    );
    it.register_with_unit(
        "last_judged_timestamp",
        "When the gap was last worked out, since 1970-01-01 UTC",
        Unit::Seconds,
        meter.judged.clone(),
    );
    meter.registry = registry;
    meter
}

#[cfg(test)]
mod tests {
    use super::*;
    use plumb_wire::grafana::METRICS;
    use prometheus_client::encoding::text::encode;

    #[test]
    fn what_dashboards_ask_for_is_counted() {
        let meter = meter();
        let (project, outcome) = (String::new(), Outcome::new);
        meter.deltas.get_or_create(&OfOutcome { project: project.clone(), outcome }).inc();
        meter.exchanges.get_or_create(&OfProject { project }).inc();
        meter.claims.get_or_create(&OfVerdict { verdict: "broken" }).set(1);
        let mut text = String::new();
        encode(&mut text, &meter.registry).unwrap();
        for metric in METRICS {
            let is_told = |line: &str| line.starts_with(metric);
            assert!(text.lines().any(is_told), "{metric} is not in\n{text}");
        }
    }
}
