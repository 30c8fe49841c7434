//! The commands: which one was asked for.
//!
//! Refuses to know what any of them does.

mod accept;
mod audit;
mod check;
mod compat;
mod config;
mod cover;
mod debt;
mod demo;
pub(crate) mod doctor;
mod evidence;
mod explain;
mod fix;
mod gap;
mod init;
mod mock;
mod observe;
mod observe_broker;
mod observe_otlp;
mod observe_proxy;
mod observe_run;
mod plan;
mod plan_draft;
mod probe;
#[cfg(unix)]
mod rehearse;
mod rehearse_messages;
mod release;
mod replay;
mod report;
mod rollout;
mod rollout_analyze;
mod rollout_forecast;
mod rollout_gate;
mod rollout_generate;
mod rollout_lint;
mod rollout_order;
mod rollout_run;
mod rollout_watch;
mod run;
mod scan;
mod serve;
mod shell;
mod spec;
mod token;

use crate::arguments::{Arguments, Command};
use crate::failure::Failure;
use crate::terminal::Terminal;
use std::process::ExitCode;

/// Does what was asked for.
///
/// # Errors
///
/// When it could not be done. An answer of the gate is no error, nor is that of a command it ran.
pub(crate) fn run(arguments: &Arguments, terminal: Terminal) -> Result<ExitCode, Failure> {
    let global = &arguments.global;
    let code = match &arguments.command {
        Command::Scan(arguments) => scan::scan(global, arguments, terminal),
        Command::Observe(arguments) => return observe::observe(global, arguments, terminal),
        Command::Gap(arguments) => gap::gap(global, arguments, terminal),
        Command::Explain(arguments) => explain::explain(global, arguments, terminal),
        Command::Check(arguments) => check::check(global, arguments, terminal),
        Command::Compat(arguments) => compat::compat(global, arguments, terminal),
        Command::Report(arguments) => report::report(global, arguments, terminal),
        Command::Plan(arguments) => plan::plan(global, arguments, terminal),
        Command::Debt(arguments) => debt::debt(global, arguments, terminal),
        #[cfg(not(unix))]
        Command::Rehearse(_) => Err(crate::failure::usage(
            "a rehearsal needs what only Unix has",
            "run it on Linux or macOS, or in a container",
        )),
        #[cfg(unix)]
        Command::Rehearse(arguments) => rehearse::rehearse(global, arguments, terminal),
        Command::Fix(arguments) => fix::fix(global, arguments, terminal),
        Command::Mock(arguments) => mock::mock(global, arguments, terminal),
        Command::Spec(command) => spec::spec(global, command, terminal),
        Command::Run(arguments) => return run::run(global, arguments, terminal),
        Command::Probe(arguments) => probe::probe(global, arguments, terminal),
        Command::Replay(arguments) => replay::replay(global, arguments, terminal),
        Command::Rollout(command) => rollout::rollout(global, command, terminal),
        Command::Accept(arguments) => accept::accept(global, arguments, terminal),
        Command::Evidence(command) => evidence::evidence(global, command, terminal),
        Command::Release(command) => release::release(global, command, terminal),
        Command::Serve(arguments) => serve::serve(global, arguments, terminal),
        Command::Token(command) => token::token(global, command, terminal),
        Command::Audit(command) => audit::audit(global, command, terminal),
        Command::Doctor(arguments) => doctor::doctor(global, arguments, terminal),
        Command::Demo(arguments) => demo::demo(global, arguments, terminal),
        Command::Init => init::init(global, terminal),
        Command::Config(command) => config::config(global, command, terminal),
        Command::Completions(arguments) => shell::completions(arguments, terminal),
        Command::Man(arguments) => shell::man(arguments, terminal),
    };
    Ok(code?.into())
}
