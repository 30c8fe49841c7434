//! Windows: how long a step waits until something old has gone of itself.
//!
//! Refuses to know how it is seen that it has gone.

use crate::constraint::Clash;
use crate::held::Held;
use crate::transition::{Stay, Transition};
use crate::world::World;
use std::time::Duration;

/// A wait for one version to be gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// What has to go.
    pub held: Held,
    /// Of which version.
    pub version: usize,
    /// How long that takes at most, where it is known.
    pub limit: Option<Duration>,
    /// How the limit is known, or why it is not, in words for people; empty where somebody said so.
    pub basis: String,
    /// What would clash otherwise.
    pub because: Clash,
}

/// Begins moves side by side, each after what it must wait for, and returns the windows in which
/// they do. Instances go before what they write can.
///
/// # Errors
///
/// The clash that no wait ends.
pub(crate) fn begin(
    world: &mut World<'_>,
    transition: &Transition,
    moves: &[(usize, usize)],
) -> Result<Vec<Window>, Clash> {
    let mut windows = Vec::new();
    loop {
        let mut tried = world.clone();
        moves.iter().for_each(|(component, version)| tried.begin(*component, *version));
        let clashes: Vec<Clash> =
            moves.iter().flat_map(|(component, _)| tried.clashes(*component)).collect();
        if clashes.is_empty() {
            *world = tried;
            return Ok(windows);
        }
        // Asked of the world before the moves: what only they bring does not go by waiting.
        let remedy = |clash: Clash| world.remedy(clash).map(|remedy| (remedy, clash)).ok_or(clash);
        let remedies = clashes.into_iter().map(remedy).collect::<Result<Vec<_>, _>>()?;
        for ((held, version), because) in remedies {
            let is_told = |one: &Window| (one.held, one.version) == (held, version);
            if !windows.iter().any(is_told) {
                world.pass(held, version);
                let (limit, basis) = limit(transition, held);
                windows.push(Window { held, version, limit, basis, because });
            }
        }
    }
}

/// How long what is held stays at most, and how that is known.
fn limit(transition: &Transition, held: Held) -> (Option<Duration>, String) {
    let (stay, basis) = match held {
        Held::Instances(component) => {
            let component = &transition.components()[component];
            (component.lingers, &component.lingers_basis)
        }
        Held::Data(seam) => {
            let seam = &transition.seams()[seam];
            (seam.keeps, &seam.keeps_basis)
        }
    };
    match stay {
        Stay::Passing(limit) => (limit, basis.clone()),
        Stay::Gone | Stay::Forever => (None, String::new()),
    }
}
