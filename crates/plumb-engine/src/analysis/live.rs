//! A rollout that goes on: lines of events as they come, and what they say so far.
//!
//! Refuses to know where lines come from, and what is made of a judgement.

use crate::analysis::columns::Columns;
use crate::analysis::dictionary::Dictionary;
use crate::analysis::intake::{Account, Arms, Intake};
use crate::analysis::json_lines;
use crate::analysis::row::Row;
use crate::analysis::traces::{Traces, is_traces};
use crate::analysis::unread::is_much;
use plumb_rollout::judge::{Judge, Settings};
use plumb_rollout::tick::Arm;
use plumb_rollout::watch::Counting;

/// How far ahead of this machine's clock an event may be: one from the future would keep a version
/// from ever being silent.
const AHEAD_MS_MAX: i64 = 60_000;

/// Letters of what is wrong with a line.
const REASON_BYTES_MAX: usize = 200;

/// What is known before anything comes.
#[derive(Clone, Debug)]
pub struct Asking {
    /// What is asked for; what is counted is found out.
    pub settings: Settings,
    /// Who is who among columns.
    pub columns: Columns,
    /// The versions.
    pub arms: Arms,
    /// Since when the new version runs, Unix milliseconds, where the person says so.
    pub began_ms: Option<i64>,
    /// The length of a tick, milliseconds.
    pub tick_ms: i64,
}

/// Lines that could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unreadable {
    /// How many.
    pub lines: u64,
    /// What is wrong with the last of them.
    pub reason: String,
}

/// A rollout that goes on.
#[derive(Debug)]
pub struct Live {
    asking: Asking,
    intake: Option<Intake>,
    traces: Traces,
    unreadable: Unreadable,
}

/// What is known of it at one moment.
#[derive(Debug)]
pub struct SoFar {
    /// What knows everything.
    pub judge: Judge,
    /// The values of the dimensions.
    pub dictionaries: Vec<Dictionary>,
    /// What was taken in.
    pub account: Account,
}

impl SoFar {
    /// What was counted, as people call one of them.
    #[must_use]
    pub fn unit(&self) -> &'static str {
        self.judge.counting().noun()
    }
}

impl Live {
    /// Nothing has come yet.
    #[must_use]
    pub fn new(asking: Asking) -> Self {
        let traces = Traces::new(asking.columns.clone());
        Self { asking, intake: None, traces, unreadable: Unreadable::default() }
    }

    /// Takes in lines, also of traces in OTLP; all of this arm where `arm` says so. An event that
    /// tells no time happens now, Unix milliseconds.
    pub fn take(&mut self, lines: &[u8], arm: Option<Arm>, now_ms: i64) {
        let mut rows = Vec::new();
        for line in lines.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii) {
            if line.is_empty() {
                continue;
            }
            if is_traces(line) {
                let reading = self.traces.take(line, (arm, now_ms), &mut rows);
                for unread in &reading.unread {
                    note(&mut self.unreadable, &unread.reason);
                }
                continue;
            }
            match json_lines::row(line, &self.asking.columns) {
                Ok(row) => rows.push(row),
                Err(reason) => note(&mut self.unreadable, &reason),
            }
        }
        self.traces.turn((arm, now_ms), &mut rows);
        rows.retain_mut(|row| {
            let at_ms = *row.at_ms.get_or_insert(now_ms);
            if at_ms > now_ms + AHEAD_MS_MAX {
                note(&mut self.unreadable, "its time is more than a minute ahead of the clock");
            }
            at_ms <= now_ms + AHEAD_MS_MAX
        });
        self.count(&rows, arm);
    }

    fn count(&mut self, rows: &[Row<'_>], arm: Option<Arm>) {
        if rows.is_empty() {
            return;
        }
        let asking = &self.asking;
        let intake = self.intake.get_or_insert_with(|| {
            let named = rows.iter().filter(|row| row.unit.is_some()).count();
            let counting =
                if 2 * named > rows.len() { Counting::Units } else { Counting::Requests };
            let dimensions = asking.columns.dimensions.len();
            let settings = Settings { counting, dimensions, ..asking.settings.clone() };
            let component = asking.columns.component.clone();
            let mut intake =
                Intake::new(settings, asking.arms.clone(), asking.tick_ms).of_component(component);
            asking.began_ms.into_iter().for_each(|at_ms| intake.judge_mut().begin(at_ms));
            intake
        });
        for row in rows {
            intake.take(row, arm);
        }
    }

    /// Notes that something came and could not be read.
    pub fn unread(&mut self, reason: &str) {
        note(&mut self.unreadable, reason);
    }

    /// What could not be read.
    #[must_use]
    pub fn unreadable(&self) -> &Unreadable {
        &self.unreadable
    }

    /// What people should know beside a judgement.
    #[must_use]
    pub fn notes(&self, account: &Account) -> Vec<String> {
        let mut notes = Vec::new();
        let Unreadable { lines, reason } = &self.unreadable;
        if *lines > 0 {
            notes.push(format!("{lines} lines could not be read, the last because {reason}"));
        }
        if account.nameless > 0 {
            notes.push(format!("{} events name no version", account.nameless));
        }
        if account.elsewhere > 0 {
            notes.push(format!("{} events are of other components", account.elsewhere));
        }
        if account.others > 0 {
            notes.push(format!(
                "{} events are of versions that are not compared; name the two with `--control` \
                 and `--canary`",
                account.others
            ));
        }
        notes
    }

    /// Why a yes would rest on too little of what came.
    #[must_use]
    pub fn caution(&self, account: &Account) -> Option<String> {
        let unread = self.unreadable.lines;
        is_much(unread, account.taken)
            .then(|| format!("{unread} lines could not be read, and {} could", account.taken))
    }

    /// The versions.
    #[must_use]
    pub fn arms(&self) -> &Arms {
        &self.asking.arms
    }

    /// What is known at this moment, Unix milliseconds.
    #[must_use]
    pub fn so_far(&self, now_ms: i64) -> SoFar {
        let Some(intake) = &self.intake else {
            let judge = Judge::new(self.asking.settings.clone());
            return SoFar { judge, dictionaries: Vec::new(), account: Account::default() };
        };
        let mut judge = intake.so_far();
        judge.ask(now_ms);
        let dictionaries = intake.dictionaries().to_vec();
        SoFar { judge, dictionaries, account: intake.account() }
    }
}

fn note(unreadable: &mut Unreadable, reason: &str) {
    unreadable.lines += 1;
    let end = reason.floor_char_boundary(REASON_BYTES_MAX.min(reason.len()));
    reason[..end].clone_into(&mut unreadable.reason);
}

#[cfg(test)]
mod tests {
    use super::*;
    use plumb_rollout::judgement::WayBack;
    use plumb_rollout::verdict::Verdict;
    use std::fmt::Write as _;

    const NOW_MS: i64 = 1_795_255_200_000;

    fn live() -> Live {
        Live::new(Asking {
            settings: Settings::default(),
            columns: Columns::default(),
            arms: Arms { control: "1".to_owned(), canary: "2".to_owned() },
            began_ms: None,
            tick_ms: 1_000,
        })
    }

    fn lines(from: i64, is_bad: bool) -> String {
        let mut text = String::new();
        for request in from..from + 2_000 {
            let is_canary = request % 5 == 0;
            let status = if is_bad && is_canary && request % 25 == 0 { 500 } else { 200 };
            let (at, version) = (NOW_MS - 400_000 + request * 100, if is_canary { 2 } else { 1 });
            writeln!(text, r#"{{"ts":{at},"version":"{version}","status":{status}}}"#).unwrap();
        }
        text
    }

    fn verdict(live: &Live, now_ms: i64) -> Verdict {
        live.so_far(now_ms).judge.judge(now_ms, WayBack::Open).verdict
    }

    #[test]
    fn the_judgement_follows_what_comes_and_silence_is_a_doubt() {
        let mut live = live();
        assert_eq!(verdict(&live, NOW_MS), Verdict::Hold);
        live.take(lines(0, false).as_bytes(), None, NOW_MS);
        assert_eq!(verdict(&live, NOW_MS - 200_000), Verdict::CannotTell);
        assert_eq!(verdict(&live, NOW_MS), Verdict::Hold);
        live.take(lines(2_000, true).as_bytes(), None, NOW_MS);
        assert_eq!(verdict(&live, NOW_MS), Verdict::RollBack);
        assert_eq!(live.so_far(NOW_MS).account.taken, 4_000);
    }

    /// A span of a server, with the version of its resource and the status of its answer.
    fn span(request: i64, at_ms: i64, status: u16) -> String {
        let version = if request % 5 == 0 { 2 } else { 1 };
        let text = |key: &str, value: &str| {
            format!(r#"{{"key":"{key}","value":{{"stringValue":"{value}"}}}}"#)
        };
        format!(
            r#"{{"resourceSpans":[{{"resource":{{"attributes":[{},{}]}},"scopeSpans":[{{"spans":[{{
            "traceId":"{:032x}","spanId":"{:016x}","kind":2,"startTimeUnixNano":"{at_ms}000000",
            "attributes":[{},{},{{"key":"http.status_code","value":{{"intValue":{status}}}}}]
            }}]}}]}}]}}"#,
            text("service.name", "shop"),
            text("service.version", &version.to_string()),
            request + 1,
            request + 1,
            text("http.method", "GET"),
            text("http.route", "/"),
        )
        .replace('\n', "")
            + "\n"
    }

    #[test]
    fn lines_of_traces_count_like_events() {
        let mut live = live();
        for request in 0..2_000 {
            let status = if request % 25 == 0 { 500 } else { 200 };
            live.take(
                span(request, NOW_MS - 200_000 + request * 100, status).as_bytes(),
                None,
                NOW_MS,
            );
        }
        live.take(b"{\"resourceSpans\":7}", None, NOW_MS);
        let account = live.so_far(NOW_MS).account;
        assert_eq!((account.taken, live.unreadable().lines), (2_000, 1));
        assert_eq!(verdict(&live, NOW_MS), Verdict::RollBack);
    }

    #[test]
    fn a_call_whose_other_side_does_not_come_counts_after_a_while() {
        let mut live = live();
        let lone = span(0, NOW_MS, 200)
            .replace("\"kind\":2", "\"kind\":2,\"parentSpanId\":\"00000000000000ff\"");
        live.take(lone.as_bytes(), None, NOW_MS);
        assert_eq!(live.so_far(NOW_MS).account.taken, 0);
        live.take(b"", None, NOW_MS + 10_000);
        live.take(b"", None, NOW_MS + 20_000);
        assert_eq!(live.so_far(NOW_MS).account.taken, 1);
    }

    #[test]
    fn what_cannot_be_read_is_counted_and_the_future_is_refused() {
        let mut live = live();
        let ahead = format!("{{\"ts\":{},\"version\":\"2\"}}\n", NOW_MS + 3_600_000);
        live.take(format!("{ahead}hello\n\n{{\"version\":\"1\"}}").as_bytes(), None, NOW_MS);
        live.unread("a line is too long");
        let account = live.so_far(NOW_MS).account;
        assert_eq!((live.unreadable().lines, account.taken), (3, 1));
        assert!(live.caution(&account).is_some() && live.notes(&account).len() == 1);
        let many = Account { taken: 300, ..account };
        assert_eq!(live.caution(&many), None);
    }
}
