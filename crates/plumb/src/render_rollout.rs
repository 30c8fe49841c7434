//! A rollout for people: where it stands, and what happens in it.
//!
//! Refuses to decide.

use crate::look::Look;
use crate::render::thousands;
use crate::rollout_document::division;
use plumb_engine::rollout::event::Event;
use plumb_engine::rollout::kept::{Kept, KeptRegion};
use plumb_engine::rollout::lease::Owner;
use plumb_engine::rollout::rests::Work;
use plumb_engine::rollout::spec::Rollout;
use plumb_wire::harmless::harmless;

/// Where it stands.
pub(crate) fn status(
    look: Look,
    rollout: &Rollout,
    kept: Option<&Kept>,
    owner: Option<&Owner>,
) -> String {
    let Some(kept) = kept else {
        let versions = format!("{} to {}", rollout.control, rollout.canary);
        return format!("{}: {}, never begun\n", rollout.name, harmless(&versions));
    };
    let phase = look.strong(kept.phase.words());
    let versions = format!("{} to {}", kept.control, kept.canary);
    let mut out = format!("{}: {}, {phase}\n", harmless(&kept.name), harmless(&versions));
    if let Some(at) = kept.stage {
        let name = rollout.stages.get(at).map_or("?", |stage| stage.name.as_str());
        let of = rollout.stages.len();
        let set = if kept.is_done { "" } else { ", not set yet" };
        out.push_str(&format!("  stage    {} of {of}, `{}`{set}\n", at + 1, harmless(name)));
    }
    for region in &kept.regions {
        out.push_str(&format!("  traffic  {}\n", traffic(region)));
    }
    if let Some(verdict) = &kept.verdict {
        let why = if kept.sentence.is_empty() { "" } else { ": " };
        out.push_str(&format!("  judge    {verdict}{why}{}\n", harmless(&kept.sentence)));
    }
    for one in &kept.rests.work {
        out.push_str(&format!("  work     {}\n", work(one)));
    }
    if !kept.state().is_end() {
        let run =
            owner.map_or("nobody".to_owned(), |owner| harmless(&owner.to_string()).into_owned());
        out.push_str(&format!("  run by   {run}\n"));
    }
    out
}

/// What is sent where in a region.
pub(crate) fn traffic(region: &KeptRegion) -> String {
    let name = region.name.as_deref().map(|name| format!("{}: ", harmless(name)));
    format!("{}{}", name.unwrap_or_default(), division(region))
}

/// How much of one kind of work is finished.
pub(crate) fn work(one: &Work) -> String {
    let Work { flow, accepted, finished } = one;
    let jobs = if *accepted == 1 { "job" } else { "jobs" };
    let (finished, accepted) = (thousands(*finished), thousands(*accepted));
    format!("`{}`: {finished} of {accepted} {jobs} finished", harmless(flow))
}

/// Something that happened, on one line.
pub(crate) fn event(look: Look, event: &Event) -> String {
    let region = event.region.as_deref().map(|name| format!("{}: ", harmless(name)));
    let word = look.strong(&format!("{:<11}", event.event.word()));
    format!("{word}  {}{}\n", region.unwrap_or_default(), harmless(&event.sentence))
}
