//! The server's numbers for those who live in Grafana and Prometheus: a dashboard and alert rules
//! over `/metrics`.
//!
//! Refuses to count anything: the metrics named here are the server's.

use serde_json::{Value, json};

/// The oldest schema of dashboards that has what is used here; newer ones migrate it when it is
/// loaded.
const SCHEMA_VERSION: u32 = 39;

/// Columns of Grafana's grid.
const COLUMNS: u32 = 24;

/// Verdicts with the colours of Grafana's own palette, so that both its themes show them.
const VERDICTS: [(&str, &str); 5] = [
    ("broken", "red"),
    ("drifted", "orange"),
    ("stale", "purple"),
    ("unobserved", "text"),
    ("holds", "green"),
];

/// Every metric that dashboard and rules ask for.
pub const METRICS: [&str; 9] = [
    "plumb_claims",
    "plumb_gap_ratios",
    "plumb_unseen_ratios",
    "plumb_last_judged_timestamp_seconds",
    "plumb_exchanges_total",
    "plumb_deltas_total",
    "plumb_turned_away_total",
    "plumb_store_failures_total",
    "plumb_hook_failures_total",
];

/// The dashboard, to be imported or provisioned.
#[must_use]
pub fn grafana_dashboard() -> Value {
    let mut panels: Vec<Value> = VERDICTS
        .iter()
        .zip(0..)
        .map(|((verdict, colour), at)| {
            let expression = format!("sum(plumb_claims{{verdict=\"{verdict}\"}})");
            let mut panel = panel("stat", verdict, (at * 4, 0, 4, 4), &[(&expression, verdict)]);
            panel["fieldConfig"]["defaults"]["color"] =
                json!({ "mode": "fixed", "fixedColor": colour });
            panel
        })
        .collect();
    let age = "time() - max(plumb_last_judged_timestamp_seconds)";
    let mut judged = panel("stat", "last judged, ago", (20, 0, 4, 4), &[(age, "ago")]);
    judged["fieldConfig"]["defaults"]["unit"] = json!("s");
    panels.push(judged);
    let by_verdict = "sum by (verdict) (plumb_claims)";
    let mut claims = panel(
        "timeseries",
        "Assumptions by verdict",
        (0, 4, 12, 9),
        &[(by_verdict, "{{verdict}}")],
    );
    claims["fieldConfig"]["defaults"]["custom"] =
        json!({ "stacking": { "mode": "normal" }, "fillOpacity": 30 });
    claims["fieldConfig"]["overrides"] = VERDICTS.iter().map(coloured).collect();
    panels.push(claims);
    let shares = [("max(plumb_gap_ratios)", "gap"), ("max(plumb_unseen_ratios)", "unseen")];
    let mut gap = panel("timeseries", "Gap and unseen share", (12, 4, 12, 9), &shares);
    gap["fieldConfig"]["defaults"]["unit"] = json!("percentunit");
    panels.push(gap);
    let exchanges = [("sum by (project) (rate(plumb_exchanges_total[5m]))", "{{project}}")];
    panels.push(panel("timeseries", "Exchanges a second", (0, 13, 12, 8), &exchanges));
    let troubles = [
        (
            "sum by (outcome) (rate(plumb_deltas_total{outcome=~\"late|refused\"}[5m]))",
            "{{outcome}}",
        ),
        ("sum(rate(plumb_turned_away_total[5m]))", "turned away"),
        ("sum(rate(plumb_store_failures_total[5m]))", "store failed"),
        ("sum(rate(plumb_hook_failures_total[5m]))", "hook failed"),
    ];
    panels.push(panel("timeseries", "What goes wrong, a second", (12, 13, 12, 8), &troubles));
    for (panel, id) in panels.iter_mut().zip(1..) {
        panel["id"] = json!(id);
    }
    json!({
        "title": "Plumb: what would break?",
        "uid": "plumb",
        "tags": ["plumb"],
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "editable": true,
        "refresh": "30s",
        "time": { "from": "now-7d", "to": "now" },
        "templating": { "list": [{
            "name": "source", "label": "Source", "type": "datasource", "query": "prometheus",
        }] },
        "annotations": { "list": [{
            "name": "Something broke",
            "datasource": source(),
            "enable": true,
            "iconColor": "red",
            "expr": "increase(plumb_claims{verdict=\"broken\"}[5m]) > 0",
            "titleFormat": "more assumptions are broken",
        }] },
        "panels": panels,
    })
}

fn source() -> Value {
    json!({ "type": "prometheus", "uid": "${source}" })
}

fn panel(
    kind: &str,
    title: &str,
    (x, y, w, h): (u32, u32, u32, u32),
    asked: &[(&str, &str)],
) -> Value {
    let targets = asked.iter().zip('A'..).map(|((expression, legend), letter)| {
        json!({
            "refId": letter.to_string(),
            "datasource": source(),
            "expr": expression,
            "legendFormat": legend,
        })
    });
    json!({
        "type": kind,
        "title": title,
        "datasource": source(),
        "gridPos": { "x": x, "y": y, "w": w.min(COLUMNS), "h": h },
        "targets": targets.collect::<Vec<_>>(),
        "fieldConfig": { "defaults": {}, "overrides": [] },
    })
}

fn coloured((verdict, colour): &(&str, &str)) -> Value {
    json!({
        "matcher": { "id": "byName", "options": verdict },
        "properties": [{ "id": "color", "value": { "mode": "fixed", "fixedColor": colour } }],
    })
}

/// Rules for Prometheus. What is missing alarms as well: silence is no good sign.
#[must_use]
pub fn alert_rules() -> &'static str {
    r#"groups:
  - name: plumb
    rules:
      - alert: PlumbAssumptionBroken
        expr: sum(plumb_claims{verdict="broken"}) > 0
        for: 5m
        labels:
          severity: page
        annotations:
          summary: "{{ $value }} assumptions are broken"
          description: Readers rely on what is not written any more; the home page names them.
      - alert: PlumbAssumptionDrifted
        expr: sum(plumb_claims{verdict="drifted"}) > 0
        for: 1h
        labels:
          severity: ticket
        annotations:
          summary: "{{ $value }} assumptions have drifted"
          description: Reality carries what no reader was tried on.
      - alert: PlumbEvidenceOld
        expr: sum(plumb_claims{verdict="stale"}) > 0
        for: 1d
        labels:
          severity: ticket
        annotations:
          summary: "{{ $value }} assumptions rest on evidence that is too old"
          description: Nothing new was seen of them. The page of freshness tells since when.
      - alert: PlumbNotJudged
        expr: >-
          time() - max(plumb_last_judged_timestamp_seconds) > 1800
          or absent(plumb_last_judged_timestamp_seconds)
        for: 10m
        labels:
          severity: page
        annotations:
          summary: The gap has not been worked out for half an hour
          description: The server is gone, or cannot judge. Its log and its pages say why.
      - alert: PlumbStoreFails
        expr: sum(increase(plumb_store_failures_total[10m])) > 0
        labels:
          severity: page
        annotations:
          summary: The server's store fails
          description: Collectors keep what they have and try again; they cannot for ever.
"#
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_is_what_there_is() {
        let text = grafana_dashboard().to_string() + alert_rules();
        let words = text.split(|it: char| !(it.is_ascii_alphanumeric() || it == '_'));
        let asked: Vec<&str> = words.filter(|word| word.starts_with("plumb_")).collect();
        assert!(asked.len() > 12, "{asked:?}");
        for metric in &asked {
            assert!(METRICS.contains(metric), "{metric}");
        }
        for metric in METRICS {
            assert!(asked.contains(&metric), "{metric} is asked for by nobody");
        }
    }

    #[test]
    fn panels_stand_beside_each_other() {
        let board = grafana_dashboard();
        let panels = board["panels"].as_array().unwrap();
        let mut taken = std::collections::BTreeSet::new();
        for panel in panels {
            let at = |name: &str| panel["gridPos"][name].as_u64().unwrap();
            assert!(at("x") + at("w") <= u64::from(COLUMNS), "{panel}");
            for x in at("x")..at("x") + at("w") {
                for y in at("y")..at("y") + at("h") {
                    assert!(taken.insert((x, y)), "{panel}");
                }
            }
        }
    }
}
