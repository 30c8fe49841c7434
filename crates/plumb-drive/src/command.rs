//! A program that sets the share, for routers that no other driver knows.
//!
//! It is told by variables what is asked (`PLUMB_ASK=set` or `read`), the share in per cent and in
//! millionths, and the cohorts; it may answer with one line of JSON. Refuses to know what it does.

use crate::driver::{Counts, Driver, Told, WHOLE_PPM, Wanted};
use crate::program::{Program, run};
use crate::trouble::Trouble;
use serde_json::{Value, json};
use std::time::Duration;

/// A program as the driver of a router.
#[derive(Clone, Debug)]
pub struct ByCommand {
    words: Vec<String>,
    patience: Duration,
    /// What was set last by this process; a program that tells nothing is asked with it.
    last: Wanted,
}

const WHO: &str = "the driver's command";

impl ByCommand {
    /// The program with its arguments, and how long it may take each time.
    #[must_use]
    pub fn new(words: Vec<String>, patience: Duration) -> Self {
        Self { words, patience, last: Wanted::default() }
    }

    fn ask(&self, what: &str) -> Result<Told, Trouble> {
        let percent = percent(self.last.ppm);
        let cohorts: Vec<Value> = self
            .last
            .cohorts
            .iter()
            .map(|one| json!({ "header": one.header, "value": one.value }))
            .collect();
        let variables = [
            ("PLUMB_ASK", what.to_owned()),
            ("PLUMB_SHARE", percent.clone()),
            ("PLUMB_SHARE_PPM", self.last.ppm.to_string()),
            ("PLUMB_COHORTS", Value::from(cohorts).to_string()),
        ];
        let program = Program {
            words: self.words.iter().map(|word| word.replace("{share}", &percent)).collect(),
            variables: variables.map(|(name, value)| (name.to_owned(), value)).to_vec(),
            patience: self.patience,
        };
        let ran = run(&program).map_err(|err| Trouble::away(WHO, err))?;
        if ran.code != Some(0) {
            let code = ran.code.map_or("a signal".to_owned(), |code| code.to_string());
            let why = format!("it ended with {code}: {}", ran.stderr);
            return Err(Trouble::away(WHO, why.trim_end_matches([':', ' '])));
        }
        told(&ran.stdout)
    }
}

impl Driver for ByCommand {
    fn name(&self) -> String {
        format!("command `{}`", self.words.first().map_or("", String::as_str))
    }

    fn nearest(&self, ppm: u32) -> u32 {
        ppm
    }

    fn has_cohorts(&self) -> bool {
        true
    }

    fn set(&mut self, wanted: &Wanted) -> Result<(), Trouble> {
        self.last = wanted.clone();
        self.ask("set").map(drop)
    }

    fn read(&mut self) -> Result<Told, Trouble> {
        self.ask("read")
    }
}

/// Millionths as per cent, without trailing noughts.
fn percent(ppm: u32) -> String {
    let text = format!("{}.{:04}", ppm / 10_000, ppm % 10_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The last line that says something, as `{"share":5,"canary":12,"control":228}`; every key may
/// be missing, and so may the line.
fn told(stdout: &str) -> Result<Told, Trouble> {
    let Some(line) = stdout.lines().rev().find(|line| !line.trim().is_empty()) else {
        return Ok(Told::default());
    };
    let line: Value = serde_json::from_str(line)
        .map_err(|err| Trouble::unread(WHO, format!("its last line is no JSON: {err}")))?;
    let ppm = match line.get("share") {
        None | Some(Value::Null) => None,
        Some(share) => {
            let share = share.as_f64().and_then(ppm_of);
            Some(share.ok_or_else(|| Trouble::unread(WHO, "`share` is no number from 0 to 100"))?)
        }
    };
    let count = |key| line.get(key).and_then(Value::as_u64);
    let counts = count("canary").zip(count("control"));
    let counts = counts.map(|(canary, control)| Counts { canary, control });
    Ok(Told { ppm, counts, notes: Vec::new() })
}

fn ppm_of(percent: f64) -> Option<u32> {
    if !(0.0..=100.0).contains(&percent) {
        return None;
    }
    let ppm = (percent * 10_000.0).round();
    // Exact: it lies between 0 and a million.
    (0..=WHOLE_PPM.ilog2()).rev().try_fold(0_u32, |found, bit| {
        let next = found | (1 << bit);
        Some(if f64::from(next) <= ppm { next } else { found })
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::driver::Cohort;

    fn driver(text: &str) -> ByCommand {
        let words = ["sh", "-c", text, "sh", "{share}"].map(str::to_owned).to_vec();
        ByCommand::new(words, Duration::from_secs(60))
    }

    #[test]
    fn it_is_told_and_tells() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("set");
        let text = format!(
            "[ $PLUMB_ASK = set ] && echo $1 $PLUMB_SHARE_PPM $PLUMB_COHORTS > {0}
             echo working; echo '{{\"share\":'$PLUMB_SHARE',\"canary\":3,\"control\":97}}'",
            path.display()
        );
        let mut driver = driver(&text);
        let cohorts = vec![Cohort { header: "x-who".to_owned(), value: "us".to_owned() }];
        driver.set(&Wanted { ppm: 25_500, cohorts }).unwrap();
        let written = std::fs::read_to_string(path).unwrap();
        assert_eq!(written, "2.55 25500 [{\"header\":\"x-who\",\"value\":\"us\"}]\n");
        let told = driver.read().unwrap();
        assert_eq!(told.ppm, Some(25_500));
        assert_eq!(told.counts, Some(Counts { canary: 3, control: 97 }));
    }

    #[test]
    fn what_fails_or_talks_nonsense_is_no_success() {
        let failed = driver("echo no such pool >&2; exit 1").set(&Wanted::default()).unwrap_err();
        assert!(failed.to_string().ends_with("it ended with 1: no such pool"), "{failed}");
        assert!(!failed.is_lasting());
        let odd = driver("echo yes").read().unwrap_err();
        assert!(odd.to_string().contains("its last line is no JSON"), "{odd}");
        assert!(driver("echo '{\"share\":101}'").read().is_err());
        assert_eq!(driver("true").read().unwrap(), Told::default());
    }

    #[test]
    fn per_cent_are_exact() {
        for ppm in [0, 1, 500, 25_500, 333_333, 999_999, 1_000_000] {
            let read = percent(ppm).parse().ok().and_then(ppm_of);
            assert_eq!(read, Some(ppm));
        }
    }
}
