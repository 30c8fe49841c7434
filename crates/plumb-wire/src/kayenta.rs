//! What Kayenta asks of a remote judge, and the answer: one classification for each metric, a score
//! for each group of them, and one for all.
//!
//! Refuses to know HTTP, and how two series are told apart.

use crate::harmless::harmless_short;
use plumb_rollout::series::{Missing, Pair, times_needed};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The name that the answer carries.
const JUDGE: &str = "plumb";

/// With which probability, at most, any of all metrics of a healthy canary is called worse.
const ALPHA: f64 = 0.01;

/// Metrics of one request; the largest configurations have some hundred.
const PAIRS_MAX: usize = 5_000;

/// Letters of a group's name in a sentence.
const NAME_LETTERS_MAX: usize = 120;

/// The score of everything, and what a group that has no weight shares with the others like it.
const WHOLE: f64 = 100.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Pass,
    High,
    Low,
    Nodata,
    NodataFail,
}

impl Class {
    const fn word(self) -> &'static str {
        match self {
            Self::Pass => "Pass",
            Self::High => "High",
            Self::Low => "Low",
            Self::Nodata => "Nodata",
            Self::NodataFail => "NodataFailMetric",
        }
    }

    const fn is_failure(self) -> bool {
        matches!(self, Self::High | Self::Low | Self::NodataFail)
    }
}

/// What a metric's configuration says.
struct Wanted {
    is_more_bad: bool,
    is_less_bad: bool,
    missing: Missing,
    is_critical: bool,
    must_have_data: bool,
    is_muted: bool,
    allowed: (f64, f64),
    groups: Vec<String>,
}

struct Classed {
    class: Class,
    is_critical: bool,
    is_muted: bool,
    groups: Vec<String>,
}

/// The answer to what a remote judge is asked.
///
/// # Errors
///
/// What is missing in the request.
pub fn kayenta_answer(request: &Value) -> Result<Value, String> {
    let pairs = request["metricSetPairList"]
        .as_array()
        .ok_or("the request has no list `metricSetPairList`")?;
    if pairs.len() > PAIRS_MAX {
        return Err(format!("the request has more than {PAIRS_MAX} metrics"));
    }
    let metrics = request["canaryConfig"]["metrics"].as_array();
    let metrics: BTreeMap<&str, &Value> = metrics
        .into_iter()
        .flatten()
        .filter_map(|metric| Some((metric["name"].as_str()?, metric)))
        .collect();
    let threshold = (number(pairs.len().max(1)) / ALPHA).ln();
    let (mut results, mut classes) = (Vec::new(), Vec::new());
    for pair in pairs {
        let name = pair["name"].as_str().unwrap_or_default();
        let wanted = wanted(metrics.get(name).copied().unwrap_or(&Value::Null));
        let (class, result) = judged(pair, &wanted, threshold);
        results.push(result);
        classes.push(Classed {
            class,
            is_critical: wanted.is_critical,
            is_muted: wanted.is_muted,
            groups: wanted.groups,
        });
    }
    let (groups, score) = scores(&classes, request);
    Ok(json!({
        "judgeName": JUDGE,
        "results": results,
        "groupScores": groups,
        "score": score,
    }))
}

fn wanted(metric: &Value) -> Wanted {
    let canary = &metric["analysisConfigurations"]["canary"];
    let direction = canary["direction"].as_str().unwrap_or("either");
    let effect = &canary["effectSize"];
    let groups = metric["groups"].as_array();
    let is = |name: &str| canary[name].as_bool().unwrap_or(false);
    Wanted {
        is_more_bad: direction != "decrease",
        is_less_bad: direction != "increase",
        missing: match canary["nanStrategy"].as_str() {
            Some("replace") => Missing::Nought,
            _ => Missing::LeftOut,
        },
        is_critical: is("critical"),
        must_have_data: is("mustHaveData"),
        is_muted: is("muted"),
        allowed: (
            effect["allowedIncrease"].as_f64().unwrap_or(1.0),
            effect["allowedDecrease"].as_f64().unwrap_or(1.0),
        ),
        groups: groups
            .into_iter()
            .flatten()
            .filter_map(|group| group.as_str().map(str::to_owned))
            .collect(),
    }
}

fn judged(pair: &Value, wanted: &Wanted, threshold: f64) -> (Class, Value) {
    let (control, canary) = (&pair["values"]["control"], &pair["values"]["experiment"]);
    let (control, canary) = (series(control), series(canary));
    let mut known = Pair::new(wanted.missing);
    for (one, other) in control.iter().zip(&canary) {
        known.observe(*one, *other);
    }
    let (class, reason, log_e) = class(&known, wanted, threshold);
    let ratio = known.means().map(|(one, other)| other / one).filter(|ratio| ratio.is_finite());
    let result = json!({
        "name": pair["name"],
        "id": pair["id"],
        "tags": pair.get("tags").unwrap_or(&Value::Object(Map::new())),
        "classification": class.word(),
        "classificationReason": reason,
        "groups": wanted.groups,
        "experimentMetadata": { "stats": stats(&canary) },
        "controlMetadata": { "stats": stats(&control) },
        "resultMetadata": {
            "ratio": ratio,
            "log_e": log_e,
            "threshold": threshold,
            "times": known.count(),
        },
        "critical": wanted.is_critical,
        "muted": wanted.is_muted,
    });
    (class, result)
}

fn class(known: &Pair, wanted: &Wanted, threshold: f64) -> (Class, String, f64) {
    let is_both = wanted.is_more_bad && wanted.is_less_bad;
    // Whoever asks in both directions asks twice.
    let threshold = if is_both { threshold + 2_f64.ln() } else { threshold };
    let needed = times_needed(threshold);
    let (more, less) = (known.log_more(), known.log_less());
    let log_e = match (wanted.is_more_bad, wanted.is_less_bad) {
        (true, true) => more.max(less),
        (true, false) => more,
        _ => less,
    };
    let Some((control, canary)) = known.means().filter(|_| known.count() >= needed) else {
        let class = if wanted.must_have_data { Class::NodataFail } else { Class::Nodata };
        let count = known.count();
        let why = format!(
            "both versions have numbers at {count} times, and with fewer than {needed} no harm \
             could show"
        );
        return (class, why, log_e);
    };
    let told = |word: &str, log_e: f64| {
        let times = log_e.min(700.0).exp();
        format!(
            "the canary's mean is {canary:.4} and control's {control:.4}, and it lies {word} at \
             most times; at most one in {times:.0} alike versions ever shows as much"
        )
    };
    // A ratio has no meaning around nought; there the sign alone is asked.
    let is_beyond = |allowed: f64, is_more: bool| {
        let (canary, limit) = (canary, control * allowed);
        control <= 0.0 || if is_more { canary > limit } else { canary < limit }
    };
    if wanted.is_more_bad && more >= threshold && is_beyond(wanted.allowed.0, true) {
        return (Class::High, told("higher", more), log_e);
    }
    if wanted.is_less_bad && less >= threshold && is_beyond(wanted.allowed.1, false) {
        return (Class::Low, told("lower", less), log_e);
    }
    (Class::Pass, String::new(), log_e)
}

/// Numbers as Kayenta writes them: what JSON has no number for stands there as text.
fn series(values: &Value) -> Vec<f64> {
    let all = values.as_array().into_iter().flatten();
    all.map(|value| value.as_f64().unwrap_or(f64::NAN)).collect()
}

fn stats(values: &[f64]) -> Value {
    let finite: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    let mean = finite.iter().sum::<f64>() / number(finite.len());
    let some = |value: f64| value.is_finite().then_some(value);
    json!({
        "count": finite.len(),
        "mean": some(mean),
        "min": some(finite.iter().copied().fold(f64::INFINITY, f64::min)),
        "max": some(finite.iter().copied().fold(f64::NEG_INFINITY, f64::max)),
    })
}

fn scores(classes: &[Classed], request: &Value) -> (Vec<Value>, Value) {
    let mut groups: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for one in classes.iter().filter(|one| !one.is_muted && one.class != Class::Nodata) {
        for group in &one.groups {
            let tally = groups.entry(group).or_default();
            tally.0 += usize::from(!one.class.is_failure());
            tally.1 += 1;
        }
    }
    let weights = &request["canaryConfig"]["classifier"]["groupWeights"];
    let weight_of = |group: &str| weights[group].as_f64();
    let given: f64 = groups.keys().filter_map(|group| weight_of(group)).sum();
    let without = groups.keys().filter(|group| weight_of(group).is_none()).count();
    let each = (WHOLE - given).max(0.0) / number(without.max(1));
    let (mut sum, mut of, mut listed) = (0.0, 0.0, Vec::new());
    for (group, (passed, all)) in &groups {
        let score = WHOLE * number(*passed) / number(*all);
        let weight = weight_of(group).unwrap_or(each);
        sum += score * weight;
        of += weight;
        listed.push(json!({
            "name": group,
            "score": score,
            "classification": "",
            "classificationReason": "",
        }));
    }
    (listed, score(classes, (sum, of), &request["scoreThresholds"]))
}

fn score(classes: &[Classed], (sum, of): (f64, f64), thresholds: &Value) -> Value {
    let told = |score: f64, class: &str, why: String| {
        json!({
            "score": score,
            "classification": class,
            "classificationReason": why,
        })
    };
    let heard: Vec<&Classed> = classes.iter().filter(|one| !one.is_muted).collect();
    let failed = heard.iter().filter(|one| one.is_critical && one.class.is_failure()).count();
    if failed > 0 {
        return told(0.0, "Fail", format!("{failed} critical metrics failed"));
    }
    let silent = heard.iter().filter(|one| one.class == Class::Nodata).count();
    if silent * 2 >= heard.len() {
        let why = format!("{silent} of {} metrics have too few numbers", heard.len());
        return told(0.0, "Nodata", why);
    }
    let plain = {
        let judged = heard.iter().filter(|one| one.class != Class::Nodata);
        let passed = judged.clone().filter(|one| !one.class.is_failure()).count();
        WHOLE * number(passed) / number(judged.count().max(1))
    };
    let score = if of > 0.0 { sum / of } else { plain };
    let least = |name: &str, otherwise: f64| thresholds[name].as_f64().unwrap_or(otherwise);
    let class = if score >= least("pass", 95.0) {
        "Pass"
    } else if score >= least("marginal", 75.0) {
        "Marginal"
    } else {
        "Fail"
    };
    let why = heard.iter().filter(|one| one.class.is_failure()).flat_map(|one| &one.groups);
    let groups: Vec<&str> = why.map(String::as_str).collect();
    let why = match groups.first() {
        None => String::new(),
        Some(first) => {
            format!("metrics of `{}` are worse", harmless_short(first, NAME_LETTERS_MAX))
        }
    };
    told(score, class, why)
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metric(name: &str, canary: &Value) -> Value {
        json!({
            "name": name,
            "groups": ["errors"],
            "analysisConfigurations": { "canary": canary },
        })
    }

    fn waves(add: f64) -> Vec<f64> {
        (0..40_u32).map(|at| f64::from(at % 9) + add).collect()
    }

    fn ask(canary: &Value, control: &Value, experiment: &Value) -> Value {
        kayenta_answer(&json!({
            "canaryConfig": {
                "metrics": [metric("m", canary)],
                "classifier": { "groupWeights": { "errors": 100 } },
            },
            "scoreThresholds": { "marginal": 75, "pass": 95 },
            "metricSetPairList": [{
                "name": "m", "id": "1", "tags": { "a": "b" },
                "values": { "control": control, "experiment": experiment },
            }],
        }))
        .unwrap()
    }

    #[track_caller]
    fn check(direction: &str, add: f64, expected: (&str, &str)) {
        let answer =
            ask(&json!({ "direction": direction }), &json!(waves(0.0)), &json!(waves(add)));
        let class = answer["results"][0]["classification"].as_str().unwrap();
        assert_eq!((class, answer["score"]["classification"].as_str().unwrap()), expected);
    }

    #[test]
    fn directions_say_what_is_bad() {
        check("increase", 2.0, ("High", "Fail"));
        check("increase", -2.0, ("Pass", "Pass"));
        check("decrease", -2.0, ("Low", "Fail"));
        check("either", 2.0, ("High", "Fail"));
        check("either", 0.0, ("Pass", "Pass"));
    }

    #[test]
    fn missing_numbers_are_no_pass() {
        let none = json!(["NaN", "NaN", null]);
        let answer = ask(&json!({ "direction": "increase" }), &none, &none);
        assert_eq!(answer["results"][0]["classification"], "Nodata");
        assert_eq!(answer["score"]["classification"], "Nodata");
        let config = json!({ "mustHaveData": true, "critical": true, "nanStrategy": "replace" });
        let answer = ask(&config, &none, &none);
        assert_eq!(answer["results"][0]["classification"], "NodataFailMetric");
        assert_eq!(
            answer["score"],
            json!({
                "score": 0.0, "classification": "Fail",
                "classificationReason": "1 critical metrics failed",
            })
        );
        let few = json!([1.0, 2.0, 3.0]);
        let answer = ask(&json!({}), &few, &few);
        assert_eq!(answer["results"][0]["classification"], "Nodata");
    }

    #[test]
    fn a_tolerated_increase_is_none() {
        let config = json!({ "direction": "increase", "effectSize": { "allowedIncrease": 2.0 } });
        let answer = ask(&config, &json!(waves(10.0)), &json!(waves(11.0)));
        assert_eq!(answer["results"][0]["classification"], "Pass");
    }

    #[test]
    fn what_is_no_request_is_told() {
        assert!(kayenta_answer(&json!({})).unwrap_err().contains("metricSetPairList"));
        let none = kayenta_answer(&json!({ "metricSetPairList": [] })).unwrap();
        assert_eq!(none["score"]["classification"], "Nodata");
    }
}
