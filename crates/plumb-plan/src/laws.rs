//! What must hold of every plan, held against a search through everything that may happen.

use crate::event::Event;
use crate::explore::{Refutation, Stage, refute, refute_part};
use crate::plan::{Back, Plan, plan};
use crate::proposal::proposals;
use crate::transition::{
    Answer, Basis, Carrier, Component, Kind, Meeting, Moves, Pair, Seam, Stay, Transition,
};
use crate::window::Window;
use proptest::prelude::*;
use std::collections::{BTreeSet, VecDeque};

/// Everything there is at one moment. Knows nothing of the planner, and nothing of the explorer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct All {
    position: Vec<usize>,
    /// The version that is being left.
    leaving: Vec<Option<usize>>,
    live: Vec<BTreeSet<usize>>,
    data: Vec<BTreeSet<usize>>,
}

fn start(world: &Transition) -> All {
    let live = |component: &Component| match component.moves {
        Moves::ByItself => (0..component.versions.len()).collect(),
        _ => BTreeSet::from([0]),
    };
    let live: Vec<BTreeSet<usize>> = world.components().iter().map(live).collect();
    let data = world.seams().iter().map(|seam| live[seam.writer].clone()).collect();
    All { position: vec![0; live.len()], leaving: vec![None; live.len()], live, data }
}

impl All {
    fn is_safe(&self, world: &Transition) -> bool {
        world.seams().iter().enumerate().all(|(at, seam)| {
            self.data[at].iter().all(|written| {
                self.live[seam.reader].iter().all(|reading| {
                    world.is_safe(at, Meeting { written: *written, reading: *reading })
                })
            })
        })
    }

    fn written(mut self, world: &Transition) -> Self {
        for (at, seam) in world.seams().iter().enumerate() {
            if seam.keeps == Stay::Gone {
                self.data[at].clear();
            }
            self.data[at].extend(self.live[seam.writer].iter().copied());
        }
        self
    }

    /// Another version starts; what moves at once is there in the same moment.
    fn begun(&self, world: &Transition, component: usize, version: usize) -> Self {
        let mut next = self.clone();
        let moved = &world.components()[component];
        let old = std::mem::replace(&mut next.position[component], version);
        next.live[component].insert(version);
        if moved.moves == Moves::Rolling {
            next.leaving[component] = Some(old);
        } else if moved.lingers == Stay::Gone {
            next.live[component].remove(&old);
        }
        next.written(world)
    }

    /// A move in the middle ends, or is taken back.
    fn ended(&self, world: &Transition, component: usize, is_back: bool) -> Option<Self> {
        let mut next = self.clone();
        let mut gone = next.leaving[component].take()?;
        if is_back {
            std::mem::swap(&mut gone, &mut next.position[component]);
        }
        if world.components()[component].lingers == Stay::Gone {
            next.live[component].remove(&gone);
        }
        Some(next.written(world))
    }

    fn passed(&self, world: &Transition) -> Vec<Self> {
        let mut found = Vec::new();
        for (at, component) in world.components().iter().enumerate() {
            if matches!(component.lingers, Stay::Passing(_)) && component.moves != Moves::ByItself {
                for version in &self.live[at] {
                    if *version != self.position[at] && Some(*version) != self.leaving[at] {
                        let mut next = self.clone();
                        next.live[at].remove(version);
                        found.push(next.written(world));
                    }
                }
            }
        }
        for (at, seam) in world.seams().iter().enumerate() {
            if matches!(seam.keeps, Stay::Passing(_)) {
                for version in self.data[at].difference(&self.live[seam.writer]) {
                    let mut next = self.clone();
                    next.data[at].remove(version);
                    found.push(next);
                }
            }
        }
        found
    }

    /// Everything that may be made to happen next: onward, and also back where that is asked for.
    fn next(&self, world: &Transition, (is_back, waits): (bool, bool)) -> Vec<Self> {
        let mut found = if waits { self.passed(world) } else { Vec::new() };
        for (at, component) in world.components().iter().enumerate() {
            if component.moves == Moves::ByItself {
                continue;
            }
            let position = self.position[at];
            if let Some(leaving) = self.leaving[at] {
                found.extend(self.ended(world, at, false));
                let is_onward = leaving < position;
                let has_way = is_back && !(is_onward && component.one_way[leaving].is_some());
                found.extend(self.ended(world, at, true).filter(|_| has_way));
                continue;
            }
            if position < world.last(at) {
                found.push(self.begun(world, at, position + 1));
            }
            if is_back && position > 0 && component.one_way[position - 1].is_none() {
                found.push(self.begun(world, at, position - 1));
            }
        }
        found.retain(|one| one.is_safe(world));
        found
    }

    fn stands_at(&self, world: &Transition, version: impl Fn(usize) -> usize) -> bool {
        let stands = |at: usize| {
            world.components()[at].moves == Moves::ByItself
                || self.leaving[at].is_none() && self.position[at] == version(at)
        };
        (0..self.position.len()).all(stands)
    }
}

/// Whether some state can be reached without two meeting that must not.
fn reaches(
    world: &Transition,
    from: &All,
    how: (bool, bool),
    is_there: impl Fn(&All) -> bool,
) -> bool {
    let mut known = BTreeSet::from([from.clone()]);
    let mut waiting = VecDeque::from([from.clone()]);
    while let Some(state) = waiting.pop_front() {
        if is_there(&state) {
            return true;
        }
        for next in state.next(world, how) {
            if known.insert(next.clone()) {
                waiting.push_back(next);
            }
        }
    }
    false
}

/// Whether there is any safe order of all moves, one by one.
fn is_possible(world: &Transition) -> bool {
    let start = start(world);
    let is_there = |state: &All| state.stands_at(world, |at| world.last(at));
    start.is_safe(world) && reaches(world, &start, (false, true), is_there)
}

fn has_way_back(world: &Transition, from: &All, waits: bool) -> bool {
    reaches(world, from, (true, waits), |state| state.stands_at(world, |_| 0))
}

/// The most moves that any safe order can begin while there is a way back.
fn open_moves_max(world: &Transition) -> usize {
    let begun = |state: &All| state.position.iter().sum::<usize>();
    let mut known = BTreeSet::new();
    let mut waiting = vec![start(world)];
    let mut most = 0;
    while let Some(state) = waiting.pop() {
        let is_there = |state: &All| state.stands_at(world, |at| world.last(at));
        if !known.insert(state.clone())
            || !reaches(world, &state, (false, true), is_there)
            || !has_way_back(world, &state, true)
        {
            continue;
        }
        most = most.max(begun(&state));
        waiting.extend(state.next(world, (false, true)));
    }
    most
}

/// A transition in few words, for when a law does not hold.
fn shown(world: &Transition) -> String {
    let component = |one: &Component| {
        format!("{} {:?} {:?} {:?}", one.versions.len(), one.moves, one.lingers, one.one_way)
    };
    let seam = |(at, seam): (usize, &Seam)| {
        let clashes: Vec<String> = world
            .clashes(at)
            .map(|meeting| format!("{}x{}", meeting.written, meeting.reading))
            .collect();
        format!("{}->{} {:?} {clashes:?}", seam.writer, seam.reader, seam.keeps)
    };
    let components: Vec<String> = world.components().iter().map(component).collect();
    let seams: Vec<String> = world.seams().iter().enumerate().map(seam).collect();
    format!("{components:#?} {seams:#?}")
}

fn stay() -> impl Strategy<Value = Stay> {
    prop_oneof![
        3 => Just(Stay::Gone),
        2 => Just(Stay::Passing(None)),
        1 => Just(Stay::Forever),
    ]
}

fn component(versions_max: usize) -> impl Strategy<Value = Component> {
    let moves = prop_oneof![
        5 => Just(Moves::Rolling),
        3 => Just(Moves::AtOnce),
        1 => Just(Moves::ByItself),
    ];
    let lingers = prop_oneof![
        5 => Just(Stay::Gone),
        1 => Just(Stay::Passing(None)),
        1 => Just(Stay::Forever),
    ];
    let one_way = proptest::collection::vec(proptest::bool::weighted(0.1), 3);
    (1..=versions_max, moves, lingers, one_way).prop_map(|(versions, moves, lingers, one_way)| {
        let why = |is_so: &bool| is_so.then(|| "it drops a column".to_owned());
        Component {
            name: String::new(),
            kind: Kind::Service,
            versions: (0..versions).map(|version| version.to_string()).collect(),
            moves,
            lingers,
            lingers_basis: String::new(),
            one_way: one_way.iter().take(versions - 1).map(why).collect(),
        }
    })
}

fn pair(is_safe: bool) -> Pair {
    let answer = if is_safe { Answer::Yes } else { Answer::No };
    Pair { answer, basis: Basis::Declared, because: String::new() }
}

fn transition(most: (usize, usize, usize)) -> impl Strategy<Value = Transition> {
    let (components_max, versions_max, seams_max) = most;
    proptest::collection::vec(component(versions_max), 1..=components_max).prop_flat_map(
        move |components| {
            let ends = 0..components.len();
            let answers = proptest::collection::vec(proptest::bool::weighted(0.7), 9);
            let seam = (ends.clone(), ends, stay(), answers);
            let seams = proptest::collection::vec(seam, 0..=seams_max);
            seams.prop_map(move |seams| {
                let seam = |(writer, reader, keeps, answers): (usize, usize, Stay, Vec<bool>)| {
                    let ends = [writer, reader].map(|end: usize| components[end].versions.len());
                    let pairs = (0..ends[0] * ends[1]).map(|at| {
                        let (written, reading) = (at / ends[1], at % ends[1]);
                        let is_end = (written, reading) == (0, 0)
                            || (written + 1, reading + 1) == (ends[0], ends[1]);
                        pair(is_end || answers[at])
                    });
                    let pairs = pairs.collect();
                    let carrier = Carrier::Queue;
                    let (name, keeps_basis) = (String::new(), String::new());
                    Seam { name, carrier, writer, reader, keeps, keeps_basis, pairs }
                };
                let seams = seams.into_iter().map(seam).collect();
                Transition::new(components.clone(), seams).unwrap()
            })
        },
    )
}

/// The way back from a wave, as the plan gives it.
fn stages_back(plan: &Plan, at: usize, windows: &[(usize, Window)]) -> Vec<Stage> {
    let undone = |undone: usize| {
        let waits = windows.iter().filter(|(before, _)| *before == undone);
        let back = |event: Event| Event { version: event.version - 1, ..event };
        Stage {
            waits: waits.map(|(_, one)| (one.held, one.version)).collect(),
            moves: plan.waves[undone].steps.iter().map(|step| back(step.event)).collect(),
        }
    };
    (0..=at).rev().map(undone).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, ..ProptestConfig::default() })]

    #[test]
    fn there_is_a_plan_exactly_where_some_order_is_safe(world in transition((4, 3, 5))) {
        let found = plan(&world);
        prop_assert_eq!(found.is_ok(), is_possible(&world), "{} {:?}", shown(&world), found);
    }

    #[test]
    fn no_plan_is_refuted(world in transition((5, 3, 8))) {
        if let Ok(plan) = plan(&world) {
            prop_assert_eq!(refute(&world, &plan.stages()), None, "{} {:?}", shown(&world), plan);
        }
    }

    #[test]
    fn ways_back_are_there_where_they_are_said_to_be(world in transition((3, 3, 4))) {
        let Ok(plan) = plan(&world) else { return Ok(()) };
        let mut state = start(&world);
        for (at, wave) in plan.waves.iter().enumerate() {
            for window in &wave.windows {
                state = gone(&world, state, window);
            }
            for step in &wave.steps {
                state = state.begun(&world, step.event.component, step.event.version);
                prop_assert!(state.is_safe(&world));
            }
            match &wave.back {
                Back::Closed(_) => {
                    let has_way = has_way_back(&world, &state, true);
                    prop_assert!(!has_way, "{} {:?}", shown(&world), plan);
                }
                Back::Open(windows) => {
                    let is_there = has_way_back(&world, &state, !windows.is_empty());
                    prop_assert!(is_there, "{} {:?}", shown(&world), plan);
                    let mut all = plan.stages()[..=at].to_vec();
                    all.extend(stages_back(&plan, at, windows));
                    let found = refute_part(&world, &all);
                    prop_assert_eq!(found, None, "{} {:?}", shown(&world), plan);
                }
            }
            for step in &wave.steps {
                let ended = state.ended(&world, step.event.component, false);
                state = ended.unwrap_or(state);
            }
        }
    }

    #[test]
    fn a_wave_can_be_undone_where_that_is_said(world in transition((4, 3, 6))) {
        let Ok(plan) = plan(&world) else { return Ok(()) };
        for (at, wave) in plan.waves.iter().enumerate() {
            let mut all = plan.stages()[..=at].to_vec();
            let windows = wave.undo.as_ref().map_or(&[][..], Vec::as_slice);
            let windows: Vec<(usize, Window)> =
                windows.iter().map(|window| (at, window.clone())).collect();
            all.push(stages_back(&plan, at, &windows).swap_remove(0));
            let is_one_way = wave.steps.iter().any(|step| {
                let Event { component, version } = step.event;
                world.components()[component].one_way[version - 1].is_some()
            });
            let is_safe = !is_one_way && refute_part(&world, &all).is_none();
            prop_assert_eq!(wave.undo.is_ok(), is_safe, "{} {:?}", shown(&world), plan);
        }
    }

    #[test]
    fn no_order_keeps_the_way_back_open_longer(world in transition((3, 2, 4))) {
        let Ok(plan) = plan(&world) else { return Ok(()) };
        let open = plan.point_of_no_return().unwrap_or(plan.waves.len());
        let moves: usize = plan.waves[..open].iter().map(|wave| wave.steps.len()).sum();
        prop_assert_eq!(moves, open_moves_max(&world), "{} {:?}", shown(&world), plan);
    }

    #[test]
    fn what_is_proposed_opens_an_order(world in transition((3, 3, 4))) {
        let Err(obstacles) = plan(&world) else { return Ok(()) };
        for proposal in proposals(&world, &obstacles) {
            prop_assert!(!proposal.changes.is_empty());
            prop_assert!(is_possible(&proposal.transition));
        }
    }

    #[test]
    fn a_plan_without_a_step_is_refuted(world in transition((4, 2, 6)), left_out in 0_usize..4) {
        let Ok(plan) = plan(&world) else { return Ok(()) };
        let mut stages = plan.stages();
        if left_out < stages.len() {
            stages.remove(left_out);
            prop_assert!(refute(&world, &stages).is_some());
        }
    }

    #[test]
    fn the_explorer_finds_what_a_search_finds(
        world in transition((3, 3, 4)),
        order in proptest::collection::vec(0_usize..3, 6),
    ) {
        // Any order of single moves, without waits.
        let (mut state, mut stages, mut is_safe) = (start(&world), Vec::new(), true);
        for component in order {
            let moves = component < world.components().len()
                && world.components()[component].moves != Moves::ByItself
                && state.position[component] < world.last(component);
            if moves {
                let event = Event { component, version: state.position[component] + 1 };
                state = state.begun(&world, component, event.version);
                is_safe &= state.is_safe(&world);
                state = state.ended(&world, component, false).unwrap_or(state);
                stages.push(Stage { waits: Vec::new(), moves: vec![event] });
            }
        }
        let is_safe = is_safe && start(&world).is_safe(&world);
        let found = refute_part(&world, &stages);
        prop_assert_eq!(matches!(found, Some(Refutation::Clash { .. })), !is_safe, "{:?}", found);
    }
}

fn gone(world: &Transition, mut state: All, window: &Window) -> All {
    match window.held {
        crate::held::Held::Instances(component) => {
            state.live[component].remove(&window.version);
            state.written(world)
        }
        crate::held::Held::Data(seam) => {
            let live = state.live[world.seams()[seam].writer].contains(&window.version);
            if !live {
                state.data[seam].remove(&window.version);
            }
            state
        }
    }
}
