//! `plumb rollout analyze`: judges what was recorded of a rollout.
//!
//! Refuses to judge by itself.

use crate::answer::{Written, document};
use crate::arguments::Global;
use crate::by_plan;
use crate::by_prometheus::{ByPrometheus, Span, cautious, judgement};
use crate::failure::{Code, Failure, outside, usage};
use crate::project::{Project, project};
use crate::recording::{Asking, asked_for, read_all};
use crate::render_judgement;
use crate::rollout_arguments::{AnalyzeArguments, JudgingArguments, MetricsArguments};
use crate::terminal::Terminal;
use plumb_engine::analysis::dictionary::value;
use plumb_engine::analysis::evidence::of_windows;
use plumb_engine::analysis::intake::Arms;
use plumb_engine::analysis::recorded::Recorded;
use plumb_engine::clock::now_ms;
use plumb_engine::inventory;
use plumb_engine::rollout::spec::{Address, PrometheusSpec, TransitionSpec};
use plumb_rollout::judgement::WayBack;
use plumb_rollout::tick::Arm;
use plumb_rollout::verdict::Verdict;
use plumb_store::store::Filter;
use plumb_wire::judged::Judged;
use plumb_wire::judgement_v1::{judgement_document, with_unseen};
use std::path::PathBuf;
use std::time::Duration;

const METRICS_HELP: &str = "see that it runs, may be asked from here, and takes these queries";

pub(crate) fn analyze(
    global: &Global,
    arguments: &AnalyzeArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let way_back = way_back(global, &arguments.judging)?;
    if let Some(spec) = metrics(arguments) {
        return of_metrics(global, (arguments, &spec), way_back, terminal);
    }
    let recorded = look_at(global, arguments, terminal)?;
    let now_ms = recorded.judge.last_ms().unwrap_or_default();
    let judgement = recorded.judge.judge(now_ms, way_back);
    let judgement = cautious(judgement, recorded.caution.clone());
    let dimensions = &arguments.judging.columns.by;
    let value_of = |dimension, number| value(&recorded.dictionaries, dimension, number);
    let judged = Judged {
        control: &recorded.arms.control,
        canary: &recorded.arms.canary,
        unit: recorded.unit(),
        dimensions,
        value_of: &value_of,
        judgement: &judgement,
    };
    let whole = || with_unseen(judgement_document(&judged), recorded.unseen);
    if document(terminal, global.format, whole)? == Written::NotYet {
        terminal.text(&render_judgement::text(terminal.out, &judged))?;
        terminal.text(&render_judgement::unseen(terminal.out, &recorded))?;
    }
    terminal.note(&render_judgement::account(terminal.err, &recorded));
    Ok(code(judgement.verdict))
}

const fn code(verdict: Verdict) -> Code {
    match verdict {
        Verdict::Promote => Code::Pass,
        Verdict::RollBack | Verdict::Freeze => Code::Refuse,
        Verdict::Hold | Verdict::CannotTell => Code::CannotTell,
    }
}

/// What a Prometheus is asked for, if one is named.
fn metrics(arguments: &AnalyzeArguments) -> Option<PrometheusSpec> {
    let MetricsArguments {
        prometheus, prometheus_url_file, total, bad, latency, label, step, ..
    } = &arguments.metrics;
    let url = match (prometheus, prometheus_url_file) {
        (Some(url), _) => Address::Url(url.clone()),
        (None, Some(file)) => Address::File(file.clone()),
        (None, None) => return None,
    };
    Some(PrometheusSpec {
        url,
        total: total.clone()?,
        bad: bad.clone()?,
        latency: latency.clone(),
        label: label.clone(),
        step: Duration::from_millis(step.unsigned_abs()),
    })
}

/// The same by counters, up to now.
fn of_metrics(
    global: &Global,
    (arguments, spec): (&AnalyzeArguments, &PrometheusSpec),
    way_back: WayBack,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let judging = &arguments.judging;
    let (settings, _) = asked_for(&judging.columns, &judging.sureness, judging.share)?;
    let now_ms = global.as_of.unwrap_or_else(now_ms);
    let (Some(control), Some(canary)) = (arguments.control.clone(), arguments.canary.clone())
    else {
        let help = "name both with `--control` and `--canary`";
        return Err(usage("it is not clear which versions are compared", help));
    };
    let from_ms = now_ms.saturating_sub(arguments.metrics.over);
    let span = Span { from_ms, to_ms: now_ms, arms: Arms { control, canary }, settings };
    let mut source = ByPrometheus::new(spec)?;
    let counters = source.follow(&span).map_err(|why| outside(why, Some(METRICS_HELP)))?;
    let judgement = judgement(counters, now_ms, way_back);
    let judged = Judged {
        control: &counters.arms().control,
        canary: &counters.arms().canary,
        unit: counters.judge().counting().noun(),
        dimensions: &[],
        value_of: &|_, _| String::new(),
        judgement: &judgement,
    };
    if document(terminal, global.format, || judgement_document(&judged))? == Written::NotYet {
        terminal.text(&render_judgement::text(terminal.out, &judged))?;
    }
    Ok(code(judgement.verdict))
}

fn look_at(
    global: &Global,
    arguments: &AnalyzeArguments,
    terminal: Terminal,
) -> Result<Recorded, Failure> {
    let project = project(global)?;
    let arms = arguments.control.clone().zip(arguments.canary.clone());
    let judging = &arguments.judging;
    let (settings, columns) = asked_for(&judging.columns, &judging.sureness, judging.share)?;
    let asking = Asking {
        settings,
        columns,
        arms: arms.map(|(control, canary)| Arms { control, canary }),
        began_ms: judging.began,
        of_columns: &judging.columns,
    };
    if let Some(component) = &arguments.seen {
        return seen(&project, asking, component);
    }
    let sources: [(&[PathBuf], Option<Arm>); 3] = [
        (&arguments.files, None),
        (&arguments.control_from, Some(Arm::Control)),
        (&arguments.canary_from, Some(Arm::Canary)),
    ];
    read_all(&project, asking, &sources, terminal)
}

/// The outcomes of both versions that the store holds.
fn seen(project: &Project, asking: Asking<'_>, component: &str) -> Result<Recorded, Failure> {
    let scope = project.scope();
    let filter = Filter {
        since_day: scope.since_day,
        environment: scope.environment.clone(),
        writer: Some(component.to_owned()),
        operation: None,
    };
    let mut windows = match project.shelf_if_there()? {
        Some(shelf) => inventory::windows(&shelf, &filter)?,
        None => Vec::new(),
    };
    windows.retain(|window| scope.takes(&window.key));
    Ok(of_windows(&windows, component, asking.arms, asking.settings)?)
}

/// Whether the plan of the transition that is named leaves a way back.
pub(crate) fn way_back(global: &Global, arguments: &JudgingArguments) -> Result<WayBack, Failure> {
    let Some(file) = &arguments.transition else {
        return Ok(WayBack::Unknown("no transition was named".to_owned()));
    };
    let spec = TransitionSpec { file: file.clone(), waves: arguments.waves };
    by_plan::way_back(global, &arguments.server, &spec)
}
