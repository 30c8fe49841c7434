//! Drivers of routers from what people wrote of them.
//!
//! Refuses to set anything.

use crate::rollout::spec::{DriverSpec, Rollout};
use plumb_drive::command::ByCommand;
use plumb_drive::driver::Driver;
use plumb_drive::flagd::Flagd;
use plumb_drive::gateway::Gateway;
use plumb_drive::haproxy::Haproxy;
use plumb_drive::nginx::Nginx;
use plumb_drive::tap::Tap;
use plumb_drive::trouble::Trouble;
use plumb_rollout::walk::Aim;

/// The drivers of all regions, in their order.
///
/// # Errors
/// [`Trouble`] where one cannot be what is wanted of it, so also where a stage names a cohort and
/// routers do not know cohorts.
pub fn drivers(rollout: &Rollout) -> Result<Vec<Box<dyn Driver>>, Trouble> {
    let all = rollout.regions.iter().map(|region| driver(&region.driver));
    let all = all.collect::<Result<Vec<_>, Trouble>>()?;
    let last = Aim::Stage(rollout.stages.len().saturating_sub(1));
    for (at, driver) in all.iter().enumerate() {
        if !driver.has_cohorts() && !rollout.wanted(last, at).cohorts.is_empty() {
            return Err(Trouble::Setup {
                who: driver.name(),
                why: "it divides by shares only, and a stage names a cohort".to_owned(),
                help: "leave that stage out, or use a driver that knows headers",
            });
        }
    }
    Ok(all)
}

fn driver(spec: &DriverSpec) -> Result<Box<dyn Driver>, Trouble> {
    Ok(match spec.clone() {
        DriverSpec::Haproxy { at, backend, canary, control } => {
            Box::new(Haproxy::new(at, backend, (canary, control))?)
        }
        DriverSpec::Nginx(asked) => Box::new(Nginx::new(asked)?),
        DriverSpec::Tap { socket } => Box::new(Tap::new(socket)),
        DriverSpec::Gateway(asked) => {
            Box::new(Gateway::new(asked, &|name| std::env::var(name).ok())?)
        }
        DriverSpec::Flagd(asked) => Box::new(Flagd::new(asked)?),
        DriverSpec::Command { words, patience } => Box::new(ByCommand::new(words, patience)),
    })
}
