//! Views: each gathers what it holds, as data, and draws just that.
//!
//! Refuses to know how a page is asked for.

mod audit;
mod doctor;
mod finding;
mod findings;
mod freshness;
mod history;
mod home;
mod map;
mod matrix;
mod mending;
mod plans;
mod rehearsals;
mod releases;
mod rollouts;
mod seam;
pub mod seams;
mod work;

use crate::address::View;
use crate::shown::{Asked, Shown};

/// Makes a view.
#[must_use]
pub fn show(view: View, asked: Asked<'_>) -> Shown {
    match view {
        View::Home => home::home(asked),
        View::Seams => seams::seams(asked),
        View::Seam => seam::seam(asked),
        View::Findings => findings::findings(asked),
        View::Finding => finding::finding(asked),
        View::Mending => mending::mending(asked),
        View::Map => map::map(asked),
        View::History => history::history(asked),
        View::Matrix => matrix::matrix(asked),
        View::Plans => plans::plans(asked),
        View::Rehearsals => rehearsals::rehearsals(asked),
        View::Rollouts => rollouts::rollouts(asked),
        View::Work => work::work(asked),
        View::Freshness => freshness::freshness(asked),
        View::Releases => releases::releases(asked),
        View::Audit => audit::audit(asked),
        View::Doctor => doctor::doctor(asked),
    }
}
