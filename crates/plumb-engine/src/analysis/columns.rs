//! Which column of a file says what: by the names that logs, traces and tables use for it, or as
//! the person says.
//!
//! Refuses to know formats.

use crate::analysis::row::{Row, hashed};
use crate::clock::parse_moment;
use plumb_rollout::cohort::DIMENSIONS_MAX;
use std::borrow::Cow;

/// What a column says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// When.
    Time,
    /// The version, or the arm.
    Version,
    /// The component that answered.
    Component,
    /// For whom it counts.
    Unit,
    /// The status.
    Status,
    /// Whether it failed.
    Failed,
    /// How long it took, in milliseconds.
    Latency,
    /// How long it took, in seconds.
    LatencySeconds,
    /// Whether it was asked again.
    Retry,
    /// The job.
    Job,
    /// The kind of work.
    Flow,
    /// The step of the job.
    Step,
    /// A dimension, by its place among those asked for.
    Dimension(usize),
}

/// The names of each column, without regard to case; the first that a file has counts.
const NAMES: &[(Column, &[&str])] = &[
    (Column::Time, &["at", "time", "timestamp", "ts", "@timestamp", "start_time"]),
    (Column::Version, &["arm", "version", "service.version", "variant", "track", "release"]),
    (Column::Component, &["component", "service", "service.name"]),
    (Column::Unit, &["unit", "user", "user_id", "session", "session_id", "tenant_id", "trace_id"]),
    (Column::Unit, &["user.id", "enduser.id", "enduser.pseudo.id", "session.id"]),
    (Column::Status, &["status", "status_code", "http.response.status_code", "http.status_code"]),
    (Column::Failed, &["failed", "failure", "is_error"]),
    (Column::Latency, &["latency_ms", "duration_ms", "elapsed_ms"]),
    (Column::LatencySeconds, &["latency_s", "duration_s", "request_time", "duration_seconds"]),
    (Column::Retry, &["retry", "is_retry", "retried"]),
    (Column::Job, &["job", "job_id", "task_id", "message_id", "order_id"]),
    (Column::Flow, &["flow", "queue", "task"]),
    (Column::Step, &["step", "state", "event"]),
];

/// Who is who among columns, and which values name an arm.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// The dimensions that were asked for, in order.
    pub dimensions: Vec<String>,
    /// The column that names the unit, where the person says so.
    pub unit: Option<String>,
    /// The column that names the version, where the person says so.
    pub version: Option<String>,
    /// The column that says whether it failed, where the person says so.
    pub failed: Option<String>,
    /// The component that is judged, where events tell of several.
    pub component: Option<String>,
}

impl Columns {
    /// What a column of this name says; none if nothing that is asked for.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<Column> {
        let is_named = |told: &Option<String>| told.as_deref() == Some(name);
        if let Some(at) = self.dimensions.iter().take(DIMENSIONS_MAX).position(|one| one == name) {
            return Some(Column::Dimension(at));
        }
        let told = [
            (&self.unit, Column::Unit),
            (&self.version, Column::Version),
            (&self.failed, Column::Failed),
        ];
        if let Some((_, column)) = told.iter().find(|(told, _)| is_named(told)) {
            return Some(*column);
        }
        let known = NAMES
            .iter()
            .find(|(_, names)| names.iter().any(|known| known.eq_ignore_ascii_case(name)))
            .map(|(column, _)| *column)?;
        let is_replaced = told.iter().any(|(told, column)| told.is_some() && *column == known);
        (!is_replaced).then_some(known)
    }
}

/// A value as formats give it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// A text, also of a number in a table.
    Text(Cow<'a, str>),
    /// A number.
    Number(f64),
    /// Yes or no.
    Bool(bool),
}

impl<'a> Value<'a> {
    fn number(&self) -> Option<f64> {
        match self {
            Self::Text(text) => text.trim().parse().ok(),
            Self::Number(number) => Some(*number),
            Self::Bool(_) => None,
        }
    }

    fn text(self) -> Cow<'a, str> {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Bool(is) => Cow::Borrowed(if is { "true" } else { "false" }),
        }
    }

    fn bool(&self) -> Option<bool> {
        match self {
            Self::Bool(is) => Some(*is),
            Self::Number(number) => Some(*number != 0.0),
            Self::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" | "1" | "t" | "y" => Some(true),
                "false" | "no" | "0" | "f" | "n" => Some(false),
                _ => None,
            },
        }
    }
}

/// Puts a value where its column says. A value that says nothing there is left out.
pub fn put<'a>(row: &mut Row<'a>, column: Column, value: Value<'a>) {
    match column {
        Column::Time => row.at_ms = moment(&value),
        Column::Version => row.version = Some(value.text()),
        Column::Component => row.component = Some(value.text()),
        Column::Unit => row.unit = some_hash(value),
        Column::Status => row.status = status(&value),
        Column::Failed => row.failed = value.bool(),
        Column::Latency => row.latency_ms = value.number(),
        Column::LatencySeconds => row.latency_ms = value.number().map(|seconds| seconds * 1_000.0),
        Column::Retry => row.retry = value.bool(),
        Column::Job => row.job = some_hash(value),
        Column::Flow => row.flow = Some(value.text()),
        Column::Step => row.step = Some(value.text()),
        Column::Dimension(at) => {
            if let Some(slot) = row.values.get_mut(at) {
                *slot = Some(value.text());
            }
        }
    }
}

fn some_hash(value: Value<'_>) -> Option<u64> {
    let text = value.text();
    (!text.is_empty()).then(|| hashed(&text))
}

/// A status between 1 and 999; what lies elsewhere is none.
fn status(value: &Value<'_>) -> Option<u16> {
    let number = value.number().filter(|number| (1.0..1_000.0).contains(number))?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "lies between 1 and 999"
    )]
    Some(number as u16)
}

/// A moment: as text, or as a number of seconds, milliseconds, microseconds or nanoseconds, told
/// apart by their size, since all of them are in use.
fn moment(value: &Value<'_>) -> Option<i64> {
    // Trying a number as a moment costs more than all else about a row.
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if let Value::Text(text) = value
        && !is_number(text)
        && let Ok(moment) = parse_moment(text)
    {
        return Some(moment);
    }
    let number = value.number().filter(|number| *number > 0.0)?;
    let in_ms = match number {
        number if number < 1e11 => number * 1e3,
        number if number < 1e14 => number,
        number if number < 1e17 => number / 1e3,
        number => number / 1e6,
    };
    #[expect(clippy::cast_possible_truncation, reason = "the cast saturates")]
    Some(in_ms as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<i64>) {
        assert_eq!(moment(&Value::Text(text.into())), expected, "{text}");
    }

    #[test]
    fn moments_are_understood_in_the_ways_in_use() {
        check("2026-11-21T10:00:00Z", Some(1_795_255_200_000));
        check("1795255200", Some(1_795_255_200_000));
        check("1795255200000", Some(1_795_255_200_000));
        check("1795255200000000", Some(1_795_255_200_000));
        check("1795255200000000000", Some(1_795_255_200_000));
        check("yesterday", None);
        check("", None);
    }

    #[test]
    fn columns_are_known_by_what_they_are_called() {
        let columns = Columns {
            dimensions: vec!["locale".to_owned(), "status".to_owned()],
            unit: Some("customer".to_owned()),
            ..Columns::default()
        };
        assert_eq!(columns.column("Timestamp"), Some(Column::Time));
        assert_eq!(columns.column("customer"), Some(Column::Unit));
        assert_eq!(columns.column("user_id"), None, "another column was named for it");
        assert_eq!(columns.column("status"), Some(Column::Dimension(1)));
        assert_eq!(columns.column("locale"), Some(Column::Dimension(0)));
        assert_eq!(columns.column("colour"), None);
    }

    #[test]
    fn a_status_is_a_status_or_none() {
        let status_of = |text: &str| status(&Value::Text(text.into()));
        assert_eq!(status_of("503"), Some(503));
        assert_eq!(status_of("0"), None);
        assert_eq!(status_of("70000"), None);
        assert_eq!(status_of("OK"), None);
    }
}
