//! What must hold of every walk, whatever is seen on it.
//!
//! Refuses to know how a walk is kept.

use super::*;
use proptest::prelude::*;

/// What whoever carries out a walk does to a router, and what it keeps.
#[derive(Clone, Debug)]
struct Carried {
    state: State,
    /// The shares that were set, in order.
    set: Vec<Wanted>,
}

impl Carried {
    fn begin() -> Self {
        Self { state: State::begin(), set: Vec::new() }
    }

    /// One look, and what it leads to, up to where it is cut off.
    fn step(&mut self, stages: &[Stage], seen: &Seen, cut: Cut) -> Next {
        let next = next(stages, self.state, seen);
        match next {
            Next::Aim(state) => {
                self.state = state;
                self.carry_out(stages, seen, cut);
            }
            Next::Become(state) => self.state = state,
            Next::Again => self.carry_out(stages, seen, cut),
            Next::Stay(_) | Next::End => {}
        }
        next
    }

    fn carry_out(&mut self, stages: &[Stage], seen: &Seen, cut: Cut) {
        if cut == Cut::BeforeSet {
            return;
        }
        self.set.push(wanted(stages, self.state.aim, 0));
        if cut == Cut::Nowhere {
            self.state = self.state.done(seen.now_ms);
        }
    }
}

/// Where a look is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    Nowhere,
    /// Once an aim is kept.
    BeforeSet,
    /// Once it is carried out.
    BeforeDone,
}

fn share() -> impl Strategy<Value = Share> {
    (0_u32..=1_000_000).prop_map(|ppm| Share::from_ppm(ppm).unwrap())
}

fn stage() -> impl Strategy<Value = Stage> {
    let brings = prop_oneof![3 => share().prop_map(Brings::Share), 1 => Just(Brings::Cohort)];
    let then = prop_oneof![4 => Just(Then::Promote), 1 => Just(Then::Hold)];
    (brings, 0_i64..50, proptest::option::of(0_i64..90), then).prop_map(
        |(brings, at_least_ms, at_most_ms, then)| Stage {
            brings,
            region: None,
            at_least_ms,
            at_most_ms,
            then,
        },
    )
}

fn seen() -> impl Strategy<Value = Seen> {
    let verdict = prop_oneof![
        6 => Just(Some(Verdict::Promote)),
        2 => Just(Some(Verdict::CannotTell)),
        1 => Just(Some(Verdict::Hold)),
        1 => Just(Some(Verdict::RollBack)),
        1 => Just(Some(Verdict::Freeze)),
        2 => Just(None),
    ];
    let routed = prop_oneof![
        6 => Just(Routed::AsAsked),
        2 => Just(Routed::Unknown),
        1 => Just(Routed::Above),
        1 => Just(Routed::Below),
    ];
    let order = prop_oneof![
        12 => Just(None),
        1 => Just(Some(Order::Abort)),
        2 => Just(Some(Order::Promote)),
    ];
    (0_i64..40, verdict, any::<bool>(), routed, order).prop_map(
        |(now_ms, verdict, is_hour, routed, order)| Seen {
            now_ms,
            verdict,
            is_hour,
            routed,
            order,
        },
    )
}

fn cuts() -> impl Strategy<Value = Vec<Cut>> {
    let cut = prop_oneof![Just(Cut::Nowhere), Just(Cut::BeforeSet), Just(Cut::BeforeDone)];
    proptest::collection::vec(cut, 0..4)
}

/// A day of looks: the moments given are how long each comes after the last.
fn day() -> impl Strategy<Value = Vec<Seen>> {
    proptest::collection::vec(seen(), 0..60).prop_map(|mut day| {
        let mut now_ms = 0;
        for seen in &mut day {
            now_ms += seen.now_ms;
            seen.now_ms = now_ms;
        }
        day
    })
}

fn stages() -> impl Strategy<Value = Vec<Stage>> {
    proptest::collection::vec(stage(), 1..6)
}

/// How far an aim goes.
fn height(aim: Aim) -> usize {
    match aim {
        Aim::Nothing => 0,
        Aim::Stage(at) => at + 1,
    }
}

proptest! {
    #[test]
    fn nothing_but_promote_gives_more_and_only_one_stage_at_a_time(
        stages in stages(), day in day()
    ) {
        let mut carried = Carried::begin();
        for seen in &day {
            let before = carried.state;
            let next = carried.step(&stages, seen, Cut::Nowhere);
            let (from, to) = (height(before.aim), height(carried.state.aim));
            prop_assert!(to <= from + 1);
            if to > from && from > 0 {
                let is_promoted = seen.verdict == Some(Verdict::Promote);
                let is_ordered = seen.order == Some(Order::Promote);
                prop_assert!(is_promoted || is_ordered, "{:?} at {:?}", next, seen);
                prop_assert!(before.is_done);
            }
            if carried.state.phase == Phase::Promoted && before.phase != Phase::Promoted {
                prop_assert_eq!(height(before.aim), stages.len());
                prop_assert!(
                    seen.verdict == Some(Verdict::Promote) || seen.order == Some(Order::Promote)
                );
            }
        }
    }

    #[test]
    fn what_rolls_back_goes_to_nothing_and_stays_there(stages in stages(), day in day()) {
        let mut carried = Carried::begin();
        let mut is_back = false;
        for seen in &day {
            let was_end = carried.state.is_end();
            carried.step(&stages, seen, Cut::Nowhere);
            is_back |= !was_end
                && (seen.verdict == Some(Verdict::RollBack) || seen.order == Some(Order::Abort));
            if is_back {
                prop_assert_eq!(carried.state.aim, Aim::Nothing);
                prop_assert!(matches!(carried.state.phase, Phase::Back | Phase::RolledBack));
            }
        }
    }

    #[test]
    fn a_freeze_touches_no_router(stages in stages(), day in day(), at in 0_usize..60) {
        let mut carried = Carried::begin();
        for seen in day.iter().take(at) {
            carried.step(&stages, seen, Cut::Nowhere);
        }
        prop_assume!(carried.state.phase != Phase::Back);
        let (before, count) = (carried.state, carried.set.len());
        let frozen = Seen {
            now_ms: i64::MAX,
            verdict: Some(Verdict::Freeze),
            is_hour: true,
            routed: Routed::Above,
            order: None,
        };
        for _ in 0..3 {
            carried.step(&stages, &frozen, Cut::Nowhere);
        }
        prop_assert_eq!(carried.state.aim, before.aim);
        prop_assert_eq!(carried.set.len(), count);
    }

    #[test]
    fn silence_never_goes_on(stages in stages(), day in day(), is_hour in any::<bool>()) {
        let mut carried = Carried::begin();
        for seen in &day {
            carried.step(&stages, seen, Cut::Nowhere);
            let before = height(carried.state.aim);
            if before == 0 || carried.state.is_end() {
                continue;
            }
            let mut silent = carried.clone();
            for verdict in [None, Some(Verdict::CannotTell), Some(Verdict::Hold)] {
                let (now_ms, routed, order) = (i64::MAX, Routed::Unknown, None);
                let seen = Seen { now_ms, verdict, is_hour, routed, order };
                for _ in 0..3 {
                    silent.step(&stages, &seen, Cut::Nowhere);
                }
                prop_assert!(height(silent.state.aim) <= before);
                prop_assert!(silent.state.phase != Phase::Promoted);
            }
        }
    }

    #[test]
    fn whoever_goes_on_after_a_crash_does_what_would_have_been_done(
        stages in stages(), day in day(), cuts in proptest::collection::vec(cuts(), 60)
    ) {
        let (mut whole, mut broken) = (Carried::begin(), Carried::begin());
        for (seen, cuts) in day.iter().zip(cuts) {
            whole.step(&stages, seen, Cut::Nowhere);
            let resumed = Seen { verdict: None, routed: Routed::Unknown, order: None, ..*seen };
            for (at, cut) in cuts.into_iter().chain([Cut::Nowhere]).enumerate() {
                if at > 0 && broken.state.is_done {
                    break;
                }
                broken.step(&stages, if at == 0 { seen } else { &resumed }, cut);
            }
            prop_assert_eq!(whole.state, broken.state);
        }
        whole.set.dedup();
        broken.set.dedup();
        prop_assert_eq!(whole.set, broken.set);
    }
}

#[test]
fn regions_and_cohorts_add_up() {
    let plain = |brings, region| Stage {
        brings,
        region,
        at_least_ms: 0,
        at_most_ms: None,
        then: Then::Promote,
    };
    let share = |ppm| Brings::Share(Share::from_ppm(ppm).unwrap());
    let stages = [
        plain(Brings::Cohort, None),
        plain(share(50_000), Some(1)),
        plain(share(1_000_000), Some(1)),
        plain(share(1_000_000), None),
    ];
    let shown = |aim, region| {
        let Wanted { share, cohorts } = wanted(&stages, aim, region);
        format!("{share} {cohorts:?}")
    };
    assert_eq!(shown(Aim::Nothing, 1), "0 % []");
    assert_eq!(shown(Aim::Stage(1), 0), "0 % [0]");
    assert_eq!(shown(Aim::Stage(1), 1), "5 % [0]");
    assert_eq!(shown(Aim::Stage(2), 0), "0 % [0]");
    assert_eq!(shown(Aim::Stage(3), 0), "100 % [0]");
}
