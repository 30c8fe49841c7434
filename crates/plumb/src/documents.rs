//! The documents of commands that answer about themselves: what was observed, decided, explained,
//! accepted, listed, set. Their schemas stand in `docs/formats`.
//!
//! Everything foreign is made harmless. Refuses to decide.

use crate::broker_tapping::TappedBroker;
use crate::receiving::Received;
use crate::tapping::Tapped;
use plumb_engine::audit::Entry;
use plumb_engine::backlogs::KeptBacklog;
use plumb_engine::config::accept::Accept;
use plumb_engine::config::origin::Origin;
use plumb_engine::fix::{Fixed, FixedFile, Stuck};
use plumb_engine::inventory::Source;
use plumb_engine::judge::{Answer, Decision};
use plumb_engine::observe::Observed;
use plumb_engine::tokens::Token;
use plumb_engine::transition::gate::Gated;
use plumb_gap::release::Release;
use plumb_gap::report::Report;
use plumb_gap::rule::Rule;
use plumb_store::store::Applied;
use plumb_traffic::reading::{Format, Reading, Unread};
use plumb_wire::finding_v1::FindingEntry;
use plumb_wire::harmless::harmless;
use plumb_wire::rfc3339::rfc3339;
use serde_json::{Value, json};

/// The version of all of them.
const VERSION: u32 = 1;

/// One input of `observe`, as it went.
pub(crate) fn observed_input(name: &str, observed: &Observed) -> Value {
    let reading = &observed.reading;
    let writers: Vec<_> = observed.writers.iter().map(|writer| harmless(writer)).collect();
    json!({
        "name": harmless(name),
        "format": format_name(observed.format),
        "applied": applied_name(observed.applied),
        "exchanges": reading.exchanges,
        "seams": observed.seams,
        "writers": writers,
        "first": observed.span_ms.and_then(|(first, _)| rfc3339(first)),
        "last": observed.span_ms.and_then(|(_, last)| rfc3339(last)),
        "unread_total": reading.unread_total,
        "unread": reading.unread.iter().map(unread).collect::<Vec<_>>(),
        "notes": notes(reading),
        "error": null,
    })
}

/// One input of `observe` that could not be read.
pub(crate) fn failed_input(name: &str, error: &str) -> Value {
    json!({
        "name": harmless(name),
        "format": null,
        "applied": null,
        "exchanges": 0,
        "seams": 0,
        "writers": [],
        "first": null,
        "last": null,
        "unread_total": 0,
        "unread": [],
        "notes": [],
        "error": harmless(error),
    })
}

/// What came of a tap.
pub(crate) fn tapped(address: &str, tapped: &Tapped) -> Value {
    json!({
        "version": VERSION,
        "address": harmless(address),
        "written": tapped.progress.written,
        "not_written": tapped.progress.waiting,
        "lost": tapped.progress.lost,
        "left_out": tapped.left_out,
        "dropped": tapped.dropped,
        "tunnels": tapped.tunnels,
        "calls_without_schema": tapped.calls_without_schema,
    })
}

/// A token that was just made.
pub(crate) fn new_token(name: &str, text: &str) -> Value {
    json!({ "version": VERSION, "name": harmless(name), "token": text })
}

/// The tokens of a server.
pub(crate) fn tokens(tokens: &[Token]) -> Value {
    let one = |token: &Token| {
        json!({
            "name": harmless(&token.name),
            "allows": rights(token),
            "project": token.project.as_deref().map(harmless),
            "environment": token.environment.as_deref().map(harmless),
            "made": rfc3339(token.made_ms),
            "until": rfc3339(token.until_ms),
        })
    };
    json!({ "version": VERSION, "tokens": tokens.iter().map(one).collect::<Vec<_>>() })
}

/// The audit log of a server.
pub(crate) fn audit(entries: &[Entry]) -> Value {
    let one = |entry: &Entry| {
        json!({
            "number": entry.number,
            "at": rfc3339(entry.at_ms),
            "who": harmless(&entry.who),
            "action": harmless(&entry.action),
            "subject": harmless(&entry.subject),
            "hash": entry.hash,
        })
    };
    json!({ "version": VERSION, "entries": entries.iter().map(one).collect::<Vec<_>>() })
}

/// What a token allows, in words.
pub(crate) fn rights(token: &Token) -> Vec<&'static str> {
    token.rights.iter().map(|right| right.name()).collect()
}

/// What came of a receiver.
pub(crate) fn received(addresses: &[String], received: &Received) -> Value {
    let Received { progress, counts, left_out, reading } = received;
    let addresses: Vec<_> = addresses.iter().map(|address| harmless(address)).collect();
    json!({
        "version": VERSION,
        "addresses": addresses,
        "requests": counts.requests,
        "refused": counts.refused,
        "spans": counts.spans,
        "rejected": counts.rejected,
        "exchanges": reading.exchanges,
        "written": progress.written,
        "not_written": progress.waiting,
        "lost": progress.lost,
        "left_out": left_out,
        "unread_total": reading.unread_total,
        "unread": reading.unread.iter().map(unread).collect::<Vec<_>>(),
        "notes": notes(reading),
    })
}

/// What came of a tap of a broker.
pub(crate) fn broker(source: &str, tapped: &TappedBroker) -> Value {
    let told = |(what, times): (&&str, &u64)| json!({ "what": what, "times": times });
    let withheld = tapped.withheld.iter();
    json!({
        "version": VERSION,
        "source": harmless(source),
        "written": tapped.tapped.progress.written,
        "not_written": tapped.tapped.progress.waiting,
        "lost": tapped.tapped.progress.lost,
        "left_out": tapped.tapped.left_out,
        "dropped": tapped.tapped.dropped,
        "withheld": withheld
            .map(|(reason, messages)| json!({ "reason": reason, "messages": messages }))
            .collect::<Vec<_>>(),
        "notes": tapped.notes.iter().map(told).collect::<Vec<_>>(),
    })
}

/// What came of `observe`.
pub(crate) fn observe(inputs: Vec<Value>) -> Value {
    json!({ "version": VERSION, "inputs": inputs })
}

/// A gate's decision, beside the report it was made from.
pub(crate) fn check(decided: &Decided<'_>, gap: Option<Value>) -> Value {
    let decision = decided.decision;
    let refusing: Vec<_> = decision.refusing.iter().map(|key| harmless(key)).collect();
    let mut document = json!({
        "version": VERSION,
        "kind": "decision",
        "answer": answer_name(decision.answer),
        "reason": harmless(&decision.reason),
        "project": harmless(decided.project),
        "environment": decided.environment.map(harmless),
        "refusing": refusing,
        "accepted": decision.accepted,
        "uncovered": decision.uncovered,
        "evidence": decided.digest.map(|digest| format!("sha256:{digest}")),
        "transition": decided.gated.map(gated),
    });
    if let Some(gap) = gap {
        document["gap"] = gap;
    }
    document
}

fn gated(gated: &Gated) -> Value {
    json!({
        "answer": answer_name(gated.answer),
        "reason": harmless(&gated.reason),
        "point_of_no_return": gated.point_of_no_return,
    })
}

/// What a decision is told with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decided<'a> {
    /// The decision.
    pub(crate) decision: &'a Decision,
    /// What is said of the transition, where one was asked about.
    pub(crate) gated: Option<&'a Gated>,
    /// The project.
    pub(crate) project: &'a str,
    /// The environment that was asked about.
    pub(crate) environment: Option<&'a str>,
    /// The hash of the bundle that was judged by.
    pub(crate) digest: Option<&'a str>,
}

/// A rule's page.
pub(crate) fn rule(id: &str, remedy: &str, page: &str) -> Value {
    json!({
        "version": VERSION,
        "rule": id,
        "remedy": remedy,
        "page": page,
        "finding": null,
    })
}

/// A finding with its rule's page.
pub(crate) fn finding(rule: Rule, page: &str, entry: &FindingEntry<'_>) -> Value {
    json!({
        "version": VERSION,
        "rule": rule.id(),
        "remedy": rule.remedy(),
        "page": page,
        "finding": serde_json::to_value(entry).unwrap_or_default(),
    })
}

/// What was mended, or would be.
pub(crate) fn fixed(fixed: &Fixed, is_written: bool) -> Value {
    let file = |(path, file): (&String, &FixedFile)| {
        json!({
            "path": harmless(path),
            "is_new": file.before.is_none(),
            "diff": crate::render_fix::of_file(path, file),
        })
    };
    let stuck = |one: &Stuck| json!({ "key": harmless(&one.key), "reason": harmless(&one.reason) });
    let summary = |report: &Report| {
        let summary = report.summary();
        json!({
            "holds": summary.holds,
            "drifted": summary.drifted,
            "broken": summary.broken,
            "stale": summary.stale,
            "unobserved": summary.unobserved,
            "gap": report.gap.shares().0,
        })
    };
    let reports = fixed.reports.as_ref();
    json!({
        "version": VERSION,
        "written": is_written,
        "changes": fixed.changes,
        "cases": fixed.cases,
        "files": fixed.files.iter().map(file).collect::<Vec<_>>(),
        "wanting": fixed.wanting.iter().map(stuck).collect::<Vec<_>>(),
        "stuck": fixed.stuck.iter().map(stuck).collect::<Vec<_>>(),
        "before": reports.map(|(before, _)| summary(before)),
        "after": reports.map(|(_, after)| summary(after)),
    })
}

/// What was accepted.
pub(crate) fn accepted(accepts: &[Accept], file: &str) -> Value {
    let accepted = accepts.iter().map(|accept| {
        json!({
            "finding": harmless(&accept.finding),
            "reason": harmless(&accept.reason),
            "until": plumb_engine::clock::day_text(accept.until_day),
            "by": accept.by.as_deref().map(harmless),
        })
    });
    let accepted: Vec<Value> = accepted.collect();
    json!({ "version": VERSION, "file": harmless(file), "accepted": accepted })
}

/// What `release ls` lists.
pub(crate) fn releases(releases: &[Release]) -> Value {
    let entries = releases.iter().map(|release| {
        json!({
            "component": harmless(&release.component),
            "version": harmless(&release.version),
            "environment": harmless(&release.environment),
            "at": rfc3339(release.at_ms),
        })
    });
    json!({ "version": VERSION, "releases": entries.collect::<Vec<_>>() })
}

/// The sources that were read, and how far consumers are behind.
pub(crate) fn sources(sources: &[Source], backlogs: &[KeptBacklog]) -> Value {
    let sources = sources.iter().map(|one| {
        json!({
            "source": harmless(&one.name),
            "deltas": one.deltas,
            "received": rfc3339(one.received_ms),
            "exchanges": one.exchanges,
            "windows": one.windows,
        })
    });
    let backlogs: Vec<_> = backlogs.iter().map(backlog).collect();
    json!({ "version": VERSION, "sources": sources.collect::<Vec<_>>(), "backlogs": backlogs })
}

fn backlog(one: &KeptBacklog) -> Value {
    let environment = Some(one.environment.as_str()).filter(|name| !name.is_empty());
    json!({
        "destination": harmless(&one.destination),
        "consumer": harmless(&one.consumer),
        "environment": environment.map(harmless),
        "measured": rfc3339(one.last.at_ms),
        "measured_first": rfc3339(one.highest.at_ms),
        "lag": one.last.lag,
        "lag_max": one.highest.lag,
        "unacknowledged": one.last.unacknowledged,
        "unacknowledged_max": one.highest.unacknowledged,
        "oldest_age_ms": one.last.oldest_age_ms,
        "oldest_age_ms_max": one.highest.oldest_age_ms,
    })
}

/// The settings in force.
pub(crate) fn settings(origins: &[Origin]) -> Value {
    let settings = origins.iter().map(|one| {
        json!({
            "key": harmless(&one.key),
            "value": harmless(&one.value),
            "from": harmless(&one.from),
        })
    });
    json!({ "version": VERSION, "settings": settings.collect::<Vec<_>>() })
}

fn notes(reading: &Reading) -> Vec<Value> {
    let note = |(what, times): (&&str, &u64)| json!({ "what": what, "times": times });
    reading.notes.iter().map(note).collect()
}

fn unread(one: &Unread) -> Value {
    json!({
        "place": harmless(&one.place),
        "reason": harmless(&one.reason),
        "remedy": one.remedy,
    })
}

/// A format of traffic, in one word.
pub(crate) const fn format_name(format: Format) -> &'static str {
    match format {
        Format::Har => "har",
        Format::Gor => "gor",
        Format::Ndjson => "ndjson",
        Format::Kombu => "kombu",
        Format::Otlp => "otlp",
    }
}

/// What became of a delta, in one word.
pub(crate) const fn applied_name(applied: Applied) -> &'static str {
    match applied {
        Applied::New { .. } => "new",
        Applied::Already => "already",
        Applied::Late => "late",
    }
}

/// A gate's answer, in one word.
pub(crate) const fn answer_name(answer: Answer) -> &'static str {
    match answer {
        Answer::Pass => "pass",
        Answer::Refuse => "refuse",
        Answer::CannotTell => "cannot-tell",
    }
}
