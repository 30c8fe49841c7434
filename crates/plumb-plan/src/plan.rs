//! The plan: waves of steps, the windows between them, and for every state the way back.
//!
//! Refuses to know how a step is carried out, and how a plan is shown.

use crate::closing::{Closed, closed_by};
use crate::constraint::Clash;
use crate::event::Event;
use crate::explore::Stage;
use crate::held::Held;
use crate::order::{Obstacle, Order, order};
use crate::transition::Transition;
use crate::window::{Window, begin};
use crate::world::World;

/// A safe order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// What is done, one wave after the other.
    pub waves: Vec<Wave>,
}

/// Steps that may be taken in any order, also side by side, and what must have gone before them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wave {
    /// What must have gone before any step is taken, in this order.
    pub windows: Vec<Window>,
    /// The steps.
    pub steps: Vec<Step>,
    /// The way back to the start, from the moment in which a step of this wave begins.
    pub back: Back,
    /// What must have gone before the steps of this wave alone are undone, right after them; or why
    /// they cannot be.
    pub undo: Result<Vec<Window>, Vec<Closed>>,
}

/// A component moves to its next version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The component and the version that it enters.
    pub event: Event,
    /// What would clash if it came before the steps that it waits for.
    pub because: Vec<Clash>,
    /// Why there is no way back once it has begun; nothing where there is.
    pub closes: Vec<Closed>,
}

/// The way back to the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Back {
    /// All waves are undone, the last one first. Before the wave of each number is undone, what is
    /// named must have gone.
    Open(Vec<(usize, Window)>),
    /// There is none since the wave of this number.
    Closed(usize),
}

impl Plan {
    /// What is waited for and moved, wave by wave, as the explorer takes it.
    #[must_use]
    pub fn stages(&self) -> Vec<Stage> {
        let stage = |wave: &Wave| Stage {
            waits: wave.windows.iter().map(|window| (window.held, window.version)).collect(),
            moves: wave.steps.iter().map(|step| step.event).collect(),
        };
        self.waves.iter().map(stage).collect()
    }

    /// The first wave from which there is no way back for good.
    #[must_use]
    pub fn point_of_no_return(&self) -> Option<usize> {
        self.waves.iter().position(|wave| matches!(wave.back, Back::Closed(_)))
    }

    /// The first wave from which the way back is not there at once, but after a wait.
    #[must_use]
    pub fn point_of_waiting(&self) -> Option<usize> {
        let waits = |wave: &Wave| matches!(&wave.back, Back::Open(windows) if !windows.is_empty());
        self.waves.iter().position(waits)
    }
}

/// Plans a transition.
///
/// # Errors
///
/// What leaves no safe order.
pub fn plan(transition: &Transition) -> Result<Plan, Vec<Obstacle>> {
    let order = order(transition)?;
    let mut world = World::new(transition);
    let mut waves: Vec<Wave> = Vec::with_capacity(order.waves.len());
    // As it is after the last wave that has a way back.
    let mut last_open = None;
    for events in &order.waves {
        let steps: Vec<Step> =
            events.iter().map(|event| step(transition, &order, *event)).collect();
        let closes: Vec<Closed> = steps.iter().flat_map(|step| step.closes.clone()).collect();
        if !closes.is_empty() && last_open.is_none() {
            last_open = Some((world.clone(), waves.len()));
        }
        let moves: Vec<(usize, usize)> =
            events.iter().map(|event| (event.component, event.version)).collect();
        let windows =
            begin(&mut world, transition, &moves).map_err(|clash| vec![Obstacle::Always(clash)])?;
        let is_one_way = |closed: &Closed| matches!(closed, Closed::OneWay { .. });
        let one_way: Vec<Closed> = closes.into_iter().filter(is_one_way).collect();
        let undo =
            if one_way.is_empty() { undone(&world, transition, &moves) } else { Err(one_way) };
        moves.iter().for_each(|(component, version)| world.finish(*component, version - 1));
        let back = last_open.as_ref().map_or(Back::Open(Vec::new()), |(_, at)| Back::Closed(*at));
        waves.push(Wave { windows, steps, back, undo });
    }
    let (world, open) = last_open.unwrap_or((world, waves.len()));
    open_ways(transition, world, &mut waves[..open])?;
    Ok(Plan { waves })
}

fn step(transition: &Transition, order: &Order, event: Event) -> Step {
    let because = order.because.get(&event).into_iter().flatten().copied().collect();
    Step { event, because, closes: closed_by(transition, event) }
}

/// What must have gone before moves that have just begun are undone.
fn undone(
    world: &World<'_>,
    transition: &Transition,
    moves: &[(usize, usize)],
) -> Result<Vec<Window>, Vec<Closed>> {
    let back: Vec<(usize, usize)> =
        moves.iter().map(|(component, version)| (*component, version - 1)).collect();
    begin(&mut world.clone(), transition, &back).map_err(|clash| vec![Closed::Stays(clash)])
}

/// Says of each of the first waves, all of which can be undone, what must go on the way.
///
/// All are undone once, the last one first. The way back from an earlier one is the rest of that
/// way, without waits for what came later.
fn open_ways(
    transition: &Transition,
    mut world: World<'_>,
    waves: &mut [Wave],
) -> Result<(), Vec<Obstacle>> {
    let came = |waves: &[Wave], window: &Window| {
        let component = match window.held {
            Held::Instances(component) => component,
            Held::Data(seam) => transition.seams()[seam].writer,
        };
        let event = Event { component, version: window.version };
        waves.iter().position(|wave| wave.steps.iter().any(|step| step.event == event))
    };
    let mut way: Vec<(usize, usize, Window)> = Vec::new();
    for at in (0..waves.len()).rev() {
        let moves: Vec<Event> = waves[at].steps.iter().map(|step| step.event).collect();
        let back: Vec<(usize, usize)> =
            moves.iter().map(|event| (event.component, event.version - 1)).collect();
        let windows =
            begin(&mut world, transition, &back).map_err(|clash| vec![Obstacle::Always(clash)])?;
        moves.iter().for_each(|event| world.finish(event.component, event.version));
        let dated = |window| (at, came(waves, &window).unwrap_or(0), window);
        way.extend(windows.into_iter().map(dated));
    }
    for (at, wave) in waves.iter_mut().enumerate() {
        let is_on_it = |(undone, came, _): &&(usize, usize, Window)| *undone <= at && *came <= at;
        let window = |(undone, _, window): &(usize, usize, Window)| (*undone, window.clone());
        wave.back = Back::Open(way.iter().filter(is_on_it).map(window).collect());
    }
    Ok(())
}
