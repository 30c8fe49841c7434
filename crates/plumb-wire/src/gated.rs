//! A judgement as platforms of others ask for it: one verdict in the words of each of them.
//!
//! Refuses to decide: what is passed on stands in the judgement, and doubts only take a pass away.

use crate::harmless::{harmless, harmless_short};
use crate::judged::{Judged, cohort, doubt, sentence, way_back};
use crate::judgement_v1::{gate_word, is_safe, judgement_document};
use crate::rfc3339::rfc3339;
use plumb_rollout::judgement::Doubt;
use plumb_rollout::tick::Arm;
use plumb_rollout::verdict::Verdict;
use serde_json::{Value, json};

/// Letters of a sentence that goes into a message of somebody else's.
const SENTENCE_LETTERS_MAX: usize = 1_000;

/// The largest e-value that is told: JSON has no infinity.
const E_VALUE_MAX: f64 = 1e300;

/// What goes with a judgement.
#[derive(Clone, Debug)]
pub struct Beside {
    /// The logarithm of the e-value of failures alone, and between which their ratio lies.
    pub of_failures: (f64, (f64, f64)),
    /// With which probability a healthy rollout is ever called worse.
    pub alpha: f64,
    /// When it was judged, Unix milliseconds.
    pub at_ms: i64,
    /// What else people should know, such as what could not be read.
    pub notes: Vec<String>,
    /// Why a pass would rest on too little.
    pub caution: Option<String>,
}

/// A judgement, ready to be asked for.
#[derive(Clone, Debug)]
pub struct Gated {
    decision: Verdict,
    /// What to do and why, in one sentence.
    pub reason: String,
    reasons: Vec<String>,
    worst_cohort: Option<String>,
    log_e: f64,
    effect: (f64, f64),
    alpha: f64,
    safe: Option<bool>,
    way_back: String,
    /// Whether nothing has ever been heard of the new version.
    pub is_unheard: bool,
    /// When it was judged, Unix milliseconds.
    pub at_ms: i64,
    document: Value,
}

/// The hooks of Flagger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hook {
    /// Before the new version is scaled up.
    ConfirmRollout,
    /// Before it gets traffic.
    PreRollout,
    /// At each look.
    Rollout,
    /// Before it gets more traffic.
    ConfirmTrafficIncrease,
    /// Before it takes the place of the old one.
    ConfirmPromotion,
    /// After everything.
    PostRollout,
    /// Asks whether to go back.
    Rollback,
    /// Tells what happened.
    Event,
}

/// Gets a judgement ready.
#[must_use]
pub fn gated(judged: &Judged<'_>, beside: Beside) -> Gated {
    let judgement = judged.judgement;
    let worst = judgement.worse.first();
    let reason = sentence(judged);
    let doubts = judgement.doubts.iter().map(|one| doubt(judged, one));
    let mut reasons = vec![reason.clone()];
    reasons.extend(doubts.filter(|one| *one != reason));
    reasons.extend(beside.notes);
    let is_unheard = |one: &Doubt| matches!(one, Doubt::Silent(Arm::Canary, None));
    let gated = Gated {
        decision: judgement.verdict,
        reason,
        reasons,
        worst_cohort: worst
            .and_then(|one| one.cohort.as_ref())
            .map(|found| cohort(judged, found))
            .filter(|whom| !whom.is_empty()),
        log_e: worst.map_or(beside.of_failures.0, |one| one.log_e),
        effect: worst.map_or(beside.of_failures.1, |one| one.ratio.1),
        alpha: beside.alpha,
        safe: is_safe(&judgement.way_back),
        way_back: way_back(&judgement.way_back),
        is_unheard: judgement.doubts.iter().any(is_unheard),
        at_ms: beside.at_ms,
        document: judgement_document(judged),
    };
    match beside.caution {
        Some(caution) => gated.held(caution),
        None => gated,
    }
}

impl Gated {
    /// The same without a yes: for a reason that lies outside what was judged.
    #[must_use]
    pub fn held(mut self, why: String) -> Self {
        if self.decision == Verdict::Promote {
            self.decision = Verdict::Hold;
            self.reason.clone_from(&why);
            if let Some(members) = self.document.as_object_mut() {
                members.insert("verdict".to_owned(), json!(gate_word(Verdict::Hold)));
                members.insert("decision".to_owned(), json!(Verdict::Hold.code()));
                members.insert("reason".to_owned(), json!(harmless(&why)));
            }
        }
        self.reasons.insert(0, why);
        self
    }

    /// The same as nobody's judgement any more: it is too old for a yes and for a no.
    #[must_use]
    pub fn outlived(mut self, why: String) -> Self {
        self.decision = Verdict::Promote;
        self.held(why)
    }

    /// The reason in one line, for messages of others.
    #[must_use]
    pub fn message(&self) -> String {
        let text = format!("{}: {}", self.decision.word(), self.reason);
        harmless_short(&text, SENTENCE_LETTERS_MAX).into_owned()
    }

    /// `pass`, `inconclusive` or `fail`.
    #[must_use]
    pub fn verdict(&self) -> &'static str {
        gate_word(self.decision)
    }

    /// 1 for a pass, 0 for a fail, and a half for neither.
    #[must_use]
    pub fn score(&self) -> f64 {
        match self.verdict() {
            "pass" => 1.0,
            "fail" => 0.0,
            _ => 0.5,
        }
    }

    /// The e-value of the clearest difference, else that of failures.
    #[must_use]
    pub fn e_value(&self) -> f64 {
        self.log_e.exp().min(E_VALUE_MAX)
    }

    /// Between which the ratio of the same difference lies with probability 1 - α.
    #[must_use]
    pub fn effect(&self) -> (f64, f64) {
        self.effect
    }

    /// The whole judgement.
    #[must_use]
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// What Argo, Kargo and scripts read; `url` leads to the whole judgement, and `poll_s` says
    /// after how many seconds it may be another.
    #[must_use]
    pub fn analysis(&self, url: &str, poll_s: u64) -> Value {
        let phase = match self.verdict() {
            "pass" => "Successful",
            "fail" => "Failed",
            _ => "Inconclusive",
        };
        let blockers: Vec<&str> = match self.safe {
            Some(true) => Vec::new(),
            _ => vec![&self.way_back],
        };
        json!({
            "version": 1,
            "verdict": self.verdict(),
            "decision": self.decision.code(),
            "phase": phase,
            "score": self.score(),
            "evidence": {
                "e_value": self.e_value(),
                "alpha": self.alpha,
                "effect_ci": [self.effect.0, self.effect.1],
            },
            "worst_cohort": self.worst_cohort,
            "reasons": self.reasons,
            "rollback": { "safe": self.safe, "blockers": blockers },
            "next_poll_seconds": poll_s,
            "evaluated_at": rfc3339(self.at_ms),
            "url": url,
        })
    }

    /// What a stage of Spinnaker reads: its words for not yet, yes and no.
    #[must_use]
    pub fn stage(&self, url: &str) -> Value {
        let status = match self.verdict() {
            "pass" => "SUCCEEDED",
            "fail" => "TERMINAL",
            _ => "RUNNING",
        };
        json!({ "version": 1, "status": status, "progress": self.message(), "statusUrl": url })
    }

    /// Whether Flagger gets a status of success. `is_first` says that nothing was ever heard of the
    /// new version because it was not to get any traffic before.
    #[must_use]
    pub fn goes_on(&self, hook: Hook, is_first: bool) -> bool {
        match hook {
            Hook::Event => true,
            Hook::Rollback => self.decision == Verdict::RollBack,
            Hook::ConfirmPromotion => self.decision == Verdict::Promote,
            Hook::ConfirmTrafficIncrease => match self.decision {
                Verdict::Promote | Verdict::CannotTell => true,
                Verdict::Hold => is_first && self.is_unheard,
                Verdict::RollBack | Verdict::Freeze => false,
            },
            // To refuse here is to roll back after a few looks, which is not safe in a freeze; the
            // questions above hold it where it is.
            Hook::Rollout => self.decision != Verdict::RollBack,
            Hook::ConfirmRollout | Hook::PreRollout | Hook::PostRollout => self.verdict() != "fail",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plumb_rollout::judge::{Judge, Moment, Settings};
    use plumb_rollout::judgement::WayBack;
    use plumb_rollout::tick::{Count, Tick};

    fn of(hits: Option<u64>, way_back: WayBack, caution: Option<&str>) -> Gated {
        let mut judge = Judge::new(Settings::default());
        for at in 0..hits.map_or(0, |_| 100) {
            let canary = Count::new(1_000, hits.unwrap_or_default());
            let failures = Tick { control: Count::new(1_000, 0), canary };
            judge.observe(at * 1_000, &Moment { failures, ..Moment::default() });
        }
        let judgement = judge.judge(100_000, way_back);
        let judged = Judged {
            control: "1",
            canary: "2",
            unit: "request",
            dimensions: &[],
            value_of: &|_, _| String::new(),
            judgement: &judgement,
        };
        let beside = Beside {
            of_failures: judge.of_failures(),
            alpha: judge.alpha(),
            at_ms: 100_000,
            notes: Vec::new(),
            caution: caution.map(str::to_owned),
        };
        gated(&judged, beside)
    }

    fn going_on(gated: &Gated, is_first: bool) -> String {
        use Hook::{
            ConfirmPromotion, ConfirmRollout, ConfirmTrafficIncrease, Event, PostRollout,
            PreRollout, Rollback, Rollout,
        };
        let hooks = [
            ConfirmRollout,
            PreRollout,
            Rollout,
            ConfirmTrafficIncrease,
            ConfirmPromotion,
            PostRollout,
            Rollback,
            Event,
        ];
        hooks.map(|hook| if gated.goes_on(hook, is_first) { 'y' } else { 'n' }).iter().collect()
    }

    #[test]
    fn each_hook_has_its_own_meaning() {
        assert_eq!(going_on(&of(Some(0), WayBack::Open, None), false), "yyyyyyny");
        assert_eq!(going_on(&of(Some(20), WayBack::Open, None), false), "nnnnnnyy");
        let frozen = of(Some(20), WayBack::Closed("rows".to_owned()), None);
        assert_eq!(going_on(&frozen, false), "nnynnnny");
        assert_eq!(going_on(&of(None, WayBack::Open, None), false), "yyynnyny");
        assert_eq!(going_on(&of(None, WayBack::Open, None), true), "yyyynyny");
    }

    #[test]
    fn caution_and_age_take_a_pass_away_and_age_a_fail_too() {
        let cautious = of(Some(0), WayBack::Open, Some("half was not read"));
        assert_eq!(
            (cautious.verdict(), cautious.reason.as_str()),
            ("inconclusive", "half was not read")
        );
        assert_eq!(cautious.document()["decision"], "hold");
        let bad = of(Some(20), WayBack::Open, Some("half was not read"));
        assert_eq!(bad.verdict(), "fail");
        assert_eq!(bad.outlived("it is old".to_owned()).verdict(), "inconclusive");
    }

    #[test]
    fn documents_have_no_infinity() {
        let bad = of(Some(900), WayBack::Unknown(String::new()), None);
        let analysis = bad.analysis("http://x", 10);
        assert!(analysis["evidence"]["e_value"].is_f64(), "{analysis}");
        assert_eq!(analysis["rollback"]["blockers"][0], "whether going back is safe is not known");
        assert_eq!(bad.stage("u")["status"], "TERMINAL");
    }
}
