//! Traces that go on: lines of OTLP, whose calls become rows once both of their sides are known, or
//! when the other one does not come.
//!
//! Refuses to know where lines come from.

use crate::analysis::columns::Columns;
use crate::analysis::exchanged::Exchanged;
use crate::analysis::row::Row;
use plumb_rollout::tick::Arm;
use plumb_traffic::otlp::calls::Calls;
use plumb_traffic::otlp::request_json;
use plumb_traffic::reading::{Limits, Reading};

/// How long a span waits for the other side of its call, at least, and at most twice as long:
/// exporters send every five seconds.
const TURN_MS: i64 = 10_000;

/// Bytes of spans that wait, and as much for messages, of each arm: a gate runs beside services.
const WAITING_BYTES_MAX: usize = 24 * 1024 * 1024;

/// How a line of OTLP begins, whatever blanks stand between.
const KEYS: [&[u8]; 2] = [b"resourceSpans\"", b"resource_spans\""];

/// Calls on their way to rows.
#[derive(Debug)]
pub(crate) struct Traces {
    columns: Columns,
    of_arms: Vec<OfArm>,
}

#[derive(Debug)]
struct OfArm {
    arm: Option<Arm>,
    calls: Calls,
    exchanged: Exchanged,
    turned_ms: i64,
}

/// Whether a line is a request of OTLP with spans.
pub(crate) fn is_traces(line: &[u8]) -> bool {
    let key = line.strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    let key = key.and_then(|key| key.strip_prefix(b"\""));
    key.is_some_and(|key| KEYS.iter().any(|known| key.starts_with(known)))
}

impl Traces {
    /// No call yet.
    pub(crate) fn new(columns: Columns) -> Self {
        Self { columns, of_arms: Vec::new() }
    }

    /// Takes a line, of this arm where `arm` says so; the rows that are complete with it go to
    /// `rows`. A call that tells no time happens now, Unix milliseconds.
    pub(crate) fn take(
        &mut self,
        line: &[u8],
        (arm, now_ms): (Option<Arm>, i64),
        rows: &mut Vec<Row<'_>>,
    ) -> Reading {
        let mut reading = Reading::default();
        let OfArm { calls, exchanged, .. } = self.of_arm(arm, now_ms);
        // What is broken is in the reading.
        request_json(
            line,
            calls,
            &mut |exchange| rows.push(exchanged.row(&exchange).into_owned()),
            &mut reading,
        )
        .ok();
        reading
    }

    /// The rows of calls whose other side did not come in time.
    pub(crate) fn turn(&mut self, (arm, now_ms): (Option<Arm>, i64), rows: &mut Vec<Row<'_>>) {
        let Some(of_arm) = self.of_arms.iter_mut().find(|one| one.arm == arm) else { return };
        // A clock that was set back must not stop the work.
        if (now_ms - of_arm.turned_ms).abs() < TURN_MS {
            return;
        }
        of_arm.turned_ms = now_ms;
        let exchanged = &of_arm.exchanged;
        of_arm.calls.turn(
            &mut |exchange| rows.push(exchanged.row(&exchange).into_owned()),
            &mut Reading::default(),
        );
    }

    fn of_arm(&mut self, arm: Option<Arm>, now_ms: i64) -> &mut OfArm {
        let at = self.of_arms.iter().position(|one| one.arm == arm).unwrap_or_else(|| {
            let limits = Limits { waiting_bytes_max: WAITING_BYTES_MAX, ..Limits::default() };
            let exchanged = Exchanged::new(&self.columns, now_ms);
            let calls = Calls::new(&limits).asking(exchanged.wanted().clone());
            self.of_arms.push(OfArm { arm, calls, exchanged, turned_ms: now_ms });
            self.of_arms.len() - 1
        });
        &mut self.of_arms[at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_traces_are_told_from_events() {
        assert!(is_traces(b"{\"resourceSpans\":[]}") && is_traces(b"{ \"resource_spans\" : []}"));
        assert!(!is_traces(b"{\"ts\":1}") && !is_traces(b"{\"resourceMetrics\":[]}"));
    }
}
