//! `plumb check`: the gate.

use crate::answer::next;
use crate::arguments::{CheckArguments, Format, Global};
use crate::documents::{self, Decided};
use crate::empty::{no_claims, no_evidence};
use crate::failure::{Code, Failure};
use crate::learned::{Learned, beside};
use crate::look::Look;
use crate::project::{Project, project};
use crate::render::{answer, answer_word, count, count_u64, moment, name};
use crate::render_failure;
use crate::render_finding::line;
use crate::render_gap::headline;
use crate::report_file::{Beside, tell_github, write};
use crate::terminal::Terminal;
use crate::transition::read;
use crate::weigh::{Grounds, Seen, Weighed, nothing_seen, seen_in_bundle, seen_where, weigh};
use plumb_engine::config::gate::{FailOn, Gate, OnUnavailable};
use plumb_engine::judge::{Answer, Decision, GateRules, decide};
use plumb_engine::transition::gate::Gated;
use plumb_engine::transition::planning::planning;
use plumb_engine::transition::{self, Read};
use plumb_gap::finding::{Finding, Verdict};
use plumb_wire::gap_v1::gap_document;
use plumb_wire::harmless::{harmless_short, shell_word};
use plumb_wire::headline;
use plumb_wire::ndjson::ndjson;
use std::path::Path;

/// Refusing findings told in one line each; the rest is counted.
const REFUSING_MAX: usize = 20;

/// Letters of the reason; it is one line for people.
const REASON_LETTERS_MAX: usize = 400;

pub(crate) fn check(
    global: &Global,
    arguments: &CheckArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let project = project(global)?;
    let gate = project.config.gate(global.environment.as_deref().unwrap_or_default());
    let (seen, unavailable) = gathered(&project, arguments, gate)?;
    if let Some(failure) = &unavailable {
        terminal.complain(&render_failure::failure(terminal.err, failure, &|_| None));
    }
    let gated = match &arguments.transition {
        Some(file) => Some(gated(file, &beside(&project, seen.judging(), &arguments.server)?)?),
        None => None,
    };
    let weighed = weigh(&project, &project.folder, seen, terminal)?;
    let decision = with(decision(&weighed, gate, unavailable.as_ref()), gated.as_ref());
    let told =
        Told { project: &project, weighed: &weighed, decision: &decision, gated: gated.as_ref() };
    told.write_reports(arguments, terminal)?;
    told.answer(global.format, terminal)?;
    if weighed.claims.is_empty() {
        terminal.note(&no_claims(terminal.err, &weighed, &project.folder));
    } else if !weighed.grounds.is_any_in_scope() && unavailable.is_none() {
        let environment = global.environment.as_deref();
        terminal.note(&no_evidence(terminal.err, &weighed.grounds, environment));
    } else if let Some(key) = decision.refusing.first() {
        next(terminal, &format!("plumb explain {}", shell_word(key)));
    }
    Ok(if arguments.exit_zero { Code::Pass } else { decision.answer.into() })
}

/// The evidence, or the failure to reach the store where the policy lets that pass. A bundle that
/// was named is wanted in any case.
fn gathered(
    project: &Project,
    arguments: &CheckArguments,
    gate: Gate,
) -> Result<(Seen, Option<Failure>), Failure> {
    if let Some(bundle) = &arguments.evidence {
        return Ok((seen_in_bundle(project, bundle)?, None));
    }
    match seen_where(project, &arguments.server) {
        Ok(seen) => Ok((seen, None)),
        Err(failure)
            if failure.code == Code::Outside && gate.on_unavailable == OnUnavailable::Warn =>
        {
            Ok((nothing_seen(), Some(failure)))
        }
        Err(failure) => Err(failure),
    }
}

/// What the gate says of a transition.
fn gated(file: &Path, learned: &Learned) -> Result<Gated, Failure> {
    let Read { transition, rehearsals } = read(file, learned)?;
    Ok(transition::gate::gate(&transition, &planning(&transition), &rehearsals))
}

/// The worse of both answers, with its reason.
fn with(mut decision: Decision, gated: Option<&Gated>) -> Decision {
    let Some(gated) = gated else { return decision };
    let is_worse = match gated.answer {
        Answer::Pass => false,
        Answer::CannotTell => decision.answer == Answer::Pass,
        Answer::Refuse => decision.answer != Answer::Refuse,
    };
    if is_worse {
        decision.answer = gated.answer;
        decision.reason.clone_from(&gated.reason);
    }
    decision
}

fn decision(weighed: &Weighed, gate: Gate, unavailable: Option<&Failure>) -> Decision {
    let rules = GateRules {
        fail_on: match gate.fail_on {
            FailOn::Broken => Verdict::Broken,
            FailOn::Drifted => Verdict::Drifted,
        },
        on_unknown: gate.on_unknown,
    };
    let is_accepted = |finding: &Finding| weighed.accepted.contains_key(&finding.key());
    let mut decision = decide(&weighed.report, &rules, &is_accepted);
    if let (Some(failure), Answer::CannotTell) = (unavailable, decision.answer) {
        decision.answer = Answer::Pass;
        decision.reason =
            format!("nothing judged, which `on_unavailable` lets pass: {}", failure.what);
    }
    decision
}

/// A decision and what it is told with.
struct Told<'a> {
    project: &'a Project,
    weighed: &'a Weighed,
    decision: &'a Decision,
    /// What is said of the transition that was asked about.
    gated: Option<&'a Gated>,
}

impl Told<'_> {
    fn write_reports(&self, arguments: &CheckArguments, terminal: Terminal) -> Result<(), Failure> {
        let unread = self.weighed.unread();
        let reported = self.weighed.reported(&unread);
        let conclusion = format!("{}: {}", answer_word(self.decision.answer), self.decision.reason);
        let category = self.subject("/");
        let beside = Beside { conclusion: &conclusion, category: &category };
        for request in &arguments.reports {
            write(request, &reported, beside)?;
        }
        tell_github(&reported, beside, terminal)
    }

    fn answer(&self, format: Format, terminal: Terminal) -> Result<(), Failure> {
        let unread = self.weighed.unread();
        let reported = self.weighed.reported(&unread);
        let decided = Decided {
            decision: self.decision,
            gated: self.gated,
            project: &self.project.config.project,
            environment: self.project.environment.as_deref(),
            digest: match &self.weighed.grounds {
                Grounds::Bundle { digest, .. } => Some(digest),
                Grounds::Nothing | Grounds::Store { .. } => None,
            },
        };
        match format {
            Format::Text => terminal.text(&self.text(terminal.out))?,
            Format::Json => {
                let gap = serde_json::to_value(gap_document(&reported)).unwrap_or_default();
                let document = documents::check(&decided, Some(gap));
                terminal.data(format!("{document:#}\n").as_bytes())?;
            }
            Format::Ndjson => {
                let document = documents::check(&decided, None);
                terminal.data(format!("{}{document}\n", ndjson(&reported)).as_bytes())?;
            }
        }
        Ok(())
    }

    fn text(&self, look: Look) -> String {
        let decision = self.decision;
        let accepted = match decision.accepted {
            0 => String::new(),
            some => format!(" · {some} accepted"),
        };
        let mut out = format!(
            "{}  {}  {}{accepted}\n",
            answer(look, decision.answer),
            look.strong(&name(&self.subject(" → "))),
            harmless_short(&decision.reason, REASON_LETTERS_MAX),
        );
        out.push_str(&headline(look, &headline::headline(&self.weighed.report)));
        let findings = self.weighed.report.findings.iter();
        let refusing: Vec<&Finding> =
            findings.filter(|one| decision.refusing.contains(&one.key())).collect();
        for one in refusing.iter().take(REFUSING_MAX) {
            out.push_str(&line(look, one));
        }
        let more = refusing.len().saturating_sub(REFUSING_MAX);
        if more > 0 {
            out.push_str(&format!("  and {more} more; `plumb gap -v` shows all\n"));
        }
        if !self.weighed.ended.is_empty() {
            let ended = count(self.weighed.ended.len(), "acceptance");
            out.push_str(&format!("{ended} ended and counted again\n"));
        }
        if let Some(gated) = self.gated {
            let reason = harmless_short(&gated.reason, REASON_LETTERS_MAX);
            out.push_str(&format!("transition: {}, {reason}\n", answer_word(gated.answer)));
        }
        out.push_str(&format!("{}\n", decision.uncovered));
        out.push_str(&format!("evidence: {}\n", grounds(&self.weighed.grounds)));
        out
    }

    /// The project, and the environment that was asked about.
    fn subject(&self, between: &str) -> String {
        let project = &self.project.config.project;
        match &self.project.environment {
            Some(environment) => format!("{project}{between}{environment}"),
            None => project.clone(),
        }
    }
}

/// Where the evidence comes from, in one line.
fn grounds(grounds: &Grounds) -> String {
    match grounds {
        Grounds::Nothing => "none".to_owned(),
        Grounds::Store { extent, .. } => {
            let last = extent
                .last_ms
                .map_or(String::new(), |last| format!(", the last of {}", moment(last)));
            format!("{} in the store{last}", count_u64(extent.exchanges, "exchange"))
        }
        Grounds::Bundle { windows, is_foreign, digest, .. } => {
            let foreign = if *is_foreign { ", values not compared (another key)" } else { "" };
            format!("{} of bundle sha256:{digest}{foreign}", count_u64(*windows, "window"))
        }
    }
}
