//! A program as a judge: it is told by variables what is asked, and answers with a line of JSON.
//!
//! Anything else, also that it fails or takes too long, is "cannot tell". Refuses to know what it
//! looks at.

use crate::excerpt::excerpt;
use crate::rollout::judge::{Asked, Judge, Judged};
use crate::rollout::rests::Rests;
use plumb_drive::program::{Program, run};
use plumb_rollout::judgement::WayBack;
use plumb_rollout::verdict::Verdict;
use serde_json::Value;
use std::time::Duration;

/// A program as a judge.
#[derive(Clone, Debug)]
pub struct ByCommand {
    words: Vec<String>,
    patience: Duration,
}

impl ByCommand {
    /// The program with its arguments, and how long it may take each time.
    #[must_use]
    pub fn new(words: Vec<String>, patience: Duration) -> Self {
        Self { words, patience }
    }
}

impl Judge for ByCommand {
    fn judge(&mut self, asked: &Asked<'_>) -> Judged {
        let count = |of: fn(&plumb_drive::driver::Counts) -> u64| {
            asked.routed.as_ref().map(|counts| of(counts).to_string()).unwrap_or_default()
        };
        let variables = [
            ("PLUMB_ROLLOUT", asked.rollout.to_owned()),
            ("PLUMB_CONTROL", asked.control.to_owned()),
            ("PLUMB_CANARY", asked.canary.to_owned()),
            ("PLUMB_STAGE", asked.stage.to_owned()),
            ("PLUMB_SHARE_PPM", asked.ppm.to_string()),
            ("PLUMB_SINCE_MS", asked.since_ms.to_string()),
            ("PLUMB_NOW_MS", asked.now_ms.to_string()),
            ("PLUMB_ROUTED_CANARY", count(|counts| counts.canary)),
            ("PLUMB_ROUTED_CONTROL", count(|counts| counts.control)),
            ("PLUMB_WAY_BACK", way_back(asked.way_back).to_owned()),
        ];
        let program = Program {
            words: self.words.clone(),
            variables: variables.map(|(name, value)| (name.to_owned(), value)).to_vec(),
            patience: self.patience,
        };
        match run(&program) {
            Err(err) => Judged::cannot_tell(format!("the judge gave no verdict: {err}")),
            Ok(ran) if ran.code != Some(0) => {
                let code = ran.code.map_or("a signal".to_owned(), |code| code.to_string());
                let said = ran.stderr.trim();
                let said = if said.is_empty() { String::new() } else { format!(": {said}") };
                let why = format!("the judge gave no verdict: it ended with {code}{said}");
                Judged::cannot_tell(excerpt(&why))
            }
            Ok(ran) => judged(&ran.stdout),
        }
    }
}

/// The word for whether there is a way back.
const fn way_back(way_back: &WayBack) -> &'static str {
    match way_back {
        WayBack::Open => "open",
        WayBack::Closed(_) => "closed",
        WayBack::Unknown(_) => "unknown",
    }
}

/// Reads the last line that says something.
fn judged(stdout: &str) -> Judged {
    let cannot = |why: &str| Judged::cannot_tell(format!("the judge gave no verdict: {why}"));
    let Some(line) = stdout.lines().rev().find(|line| !line.trim().is_empty()) else {
        return cannot("it said nothing");
    };
    let Ok(line) = serde_json::from_str::<Value>(line) else {
        return cannot("its last line is no JSON");
    };
    let text = |key| line.get(key).and_then(Value::as_str);
    let Some(verdict) = text("verdict").and_then(Verdict::of_code) else {
        return cannot("`verdict` is none");
    };
    let sentence = excerpt(text("sentence").unwrap_or_default());
    Judged { verdict, sentence, rests: Rests::default() }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use plumb_drive::driver::Counts;
    use plumb_rollout::verdict::Verdict;

    #[track_caller]
    fn check(text: &str, verdict: Verdict, sentence: &str) {
        let words = ["sh", "-c", text].map(str::to_owned).to_vec();
        let found = ByCommand::new(words, Duration::from_millis(2_000)).judge(&Asked {
            rollout: "shop",
            control: "1",
            canary: "2",
            stage: "five",
            ppm: 50_000,
            began_ms: 0,
            since_ms: 1,
            now_ms: 2,
            routed: Some(Counts { canary: 3, control: 4 }),
            way_back: &WayBack::Open,
        });
        assert_eq!((found.verdict, found.sentence.as_str()), (verdict, sentence));
    }

    #[test]
    fn verdicts_are_read() {
        check("echo '{\"verdict\":\"promote\"}'", Verdict::Promote, "");
        let told = "echo looking; echo \"{\\\"verdict\\\":\\\"roll-back\\\",\\\"sentence\\\":\
                    \\\"$PLUMB_STAGE $PLUMB_ROUTED_CANARY $PLUMB_WAY_BACK\\\"}\"";
        check(told, Verdict::RollBack, "five 3 open");
    }

    #[test]
    fn everything_else_cannot_tell() {
        let check = |text, why: &str| {
            check(text, Verdict::CannotTell, &format!("the judge gave no verdict: {why}"));
        };
        check("true", "it said nothing");
        check("echo fine", "its last line is no JSON");
        check("echo '{\"verdict\":\"yes\"}'", "`verdict` is none");
        check("echo '{\"verdict\":\"promote\"}'; exit 1", "it ended with 1");
        check("sleep 100", "`sh` did not end within 2s and was stopped");
    }
}
