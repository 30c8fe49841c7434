//! A controller that is cut off at every point, and goes on as if it had not been.
//!
//! Refuses to know real routers.

use super::*;
use crate::rollout::file::of_text;
use crate::rollout::rests::Rests;
use crate::rollout::way_back::Untold;
use plumb_drive::driver::{WHOLE_PPM, Wanted};
use std::path::Path;
use std::sync::{Arc, Mutex};

const FILE: &str = "name = \"shop\"\ncontrol = \"1\"\ncanary = \"2\"\n\
    [driver]\nkind = \"command\"\n\
    command = [\"true\"]\n[judge]\ncommand = [\"true\"]\n[[stage]]\nshare = \"5%\"\n\
    [[stage]]\nshare = \"50%\"\nat_least = \"1s\"\n[[stage]]\nshare = \"100%\"\n";

/// A router in memory, and what was done to it.
#[derive(Debug, Default)]
struct Router {
    ppm: u32,
    set: Vec<u32>,
    /// How many more times it can be set before it fails once, and whether it is set then.
    fails: Option<(usize, bool)>,
    is_away: bool,
    counts: Option<Counts>,
}

#[derive(Clone, Debug)]
struct Shared(Arc<Mutex<Router>>);

impl Driver for Shared {
    fn name(&self) -> String {
        "the router".to_owned()
    }

    fn nearest(&self, ppm: u32) -> u32 {
        ppm
    }

    fn set(&mut self, wanted: &Wanted) -> Result<(), Trouble> {
        let mut router = self.0.lock().unwrap();
        let away = || Trouble::Away { who: "the router".to_owned(), why: "gone".to_owned() };
        match router.fails.take() {
            Some((0, false)) => return Err(away()),
            Some((0, true)) => {
                router.ppm = wanted.ppm;
                router.set.push(wanted.ppm);
                return Err(away());
            }
            Some((more, is_set)) => router.fails = Some((more - 1, is_set)),
            None => {}
        }
        router.ppm = wanted.ppm;
        router.set.push(wanted.ppm);
        Ok(())
    }

    fn read(&mut self) -> Result<Told, Trouble> {
        let router = self.0.lock().unwrap();
        if router.is_away {
            return Err(Trouble::Away { who: "the router".to_owned(), why: "gone".to_owned() });
        }
        Ok(Told { ppm: Some(router.ppm), counts: router.counts, notes: Vec::new() })
    }
}

/// Says one thing, until it is told to say another from a share on.
#[derive(Clone, Debug)]
struct Says(Verdict, Option<(u32, Verdict)>);

impl Judge for Says {
    fn judge(&mut self, asked: &Asked<'_>) -> Judged {
        let later = self.1.filter(|(ppm, _)| asked.ppm >= *ppm);
        let verdict = later.map_or(self.0, |(_, it)| it);
        Judged { verdict, sentence: String::new(), rests: Rests::default() }
    }
}

struct Case {
    rollout: Rollout,
    folder: tempfile::TempDir,
    router: Shared,
    judge: Says,
    now_ms: i64,
}

impl Case {
    fn new(judge: Says) -> Self {
        let rollout = of_text(("rollout.toml", FILE), Path::new("")).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let router = Shared(Arc::default());
        Self { rollout, folder, router, judge, now_ms: 0 }
    }

    fn open(&self) -> Controller<'_> {
        self.open_with(Box::new(Untold))
    }

    fn open_with(&self, ways: Box<dyn Ways>) -> Controller<'_> {
        let drivers: Vec<Box<dyn Driver>> = vec![Box::new(self.router.clone())];
        let judge = Box::new(self.judge.clone());
        let tools = Tools { drivers, judge, ways, opening: Opening::GoOn };
        let room = Room::new(self.folder.path(), "shop");
        Controller::open(&self.rollout, room, tools, self.now_ms).unwrap()
    }

    /// Runs to the end, a second a turn; cut off and taken up again after the turns named.
    fn run(&mut self, cuts: impl Fn(usize) -> bool) -> (PhaseEnd, Vec<u32>) {
        let mut turns = 0;
        loop {
            let mut now_ms = self.now_ms;
            let ended = {
                let mut controller = self.open();
                loop {
                    turns += 1;
                    assert!(turns < 200, "it does not end");
                    now_ms += 1_000;
                    match controller.turn(now_ms).unwrap() {
                        Turn::Ended => break Some(controller.kept().phase),
                        _ if cuts(turns) => break None,
                        _ => {}
                    }
                }
            };
            self.now_ms = now_ms;
            if let Some(phase) = ended {
                let mut set = self.router.0.lock().unwrap().set.clone();
                set.dedup();
                return (phase, set);
            }
        }
    }
}

type PhaseEnd = crate::rollout::kept::PhaseWord;

const FINE: Says = Says(Verdict::Promote, None);
const BAD: Says = Says(Verdict::Promote, Some((500_000, Verdict::RollBack)));

#[test]
fn cut_off_anywhere_it_does_what_it_would_have_done() {
    for judge in [FINE, BAD] {
        let whole = Case::new(judge.clone()).run(|_| false);
        let expected = if judge.1.is_none() {
            (PhaseEnd::Promoted, vec![0, 50_000, 500_000, WHOLE_PPM])
        } else {
            (PhaseEnd::RolledBack, vec![0, 50_000, 500_000, 0])
        };
        assert_eq!(whole, expected);
        for cut in 1..20 {
            assert_eq!(Case::new(judge.clone()).run(|turn| turn == cut), whole, "{cut}");
        }
        assert_eq!(Case::new(judge.clone()).run(|_| true), whole);
        for (at, is_set) in (0..5).flat_map(|at| [(at, false), (at, true)]) {
            let mut case = Case::new(judge.clone());
            case.router.0.lock().unwrap().fails = Some((at, is_set));
            let (phase, set) = case.run(|_| true);
            // What could not be given need not be taken back.
            let is_left_out = !is_set && judge.1.is_some();
            assert!(set == whole.1 || is_left_out, "{at} {is_set} {set:?}");
            assert_eq!((phase, set.last()), (whole.0, whole.1.last()), "{at} {is_set}");
        }
    }
}

#[test]
fn what_cannot_be_seen_is_not_promoted_and_still_rolled_back() {
    let case = Case::new(Says(Verdict::Promote, None));
    let mut controller = case.open();
    for _ in 0..2 {
        assert!(matches!(controller.turn(0).unwrap(), Turn::Moved));
    }
    controller.turn(0).unwrap();
    case.router.0.lock().unwrap().is_away = true;
    for now_ms in [0, 1_000_000] {
        let turn = controller.turn(now_ms).unwrap();
        assert!(matches!(turn, Turn::Waits(Waiting::Evidence)), "{turn:?}");
    }
    assert_eq!(controller.kept().verdict.as_deref(), Some("cannot-tell"));
    let failures = controller.news().iter().filter(|it| it.event == Kind::Failed).count();
    assert_eq!(failures, 1);
    drop(controller);
    let mut back = Case { judge: Says(Verdict::RollBack, None), ..case };
    back.router.0.lock().unwrap().is_away = false;
    assert_eq!(back.run(|_| false), (PhaseEnd::RolledBack, vec![0, 50_000, 0]));
}

#[test]
fn a_division_that_is_not_the_one_asked_for_holds() {
    let case = Case::new(FINE);
    let mut controller = case.open();
    let count = |canary, control| {
        case.router.0.lock().unwrap().counts = Some(Counts { canary, control });
    };
    count(1_000, 1_000);
    for _ in 0..3 {
        controller.turn(0).unwrap();
    }
    assert_eq!(controller.kept().stage, Some(0));
    count(1_500, 1_500);
    controller.turn(0).unwrap();
    assert_eq!(controller.kept().verdict.as_deref(), Some("hold"));
    let sentence = &controller.kept().sentence;
    assert!(sentence.starts_with("routers divide otherwise: asked 5 %, routed 4"), "{sentence}");
    // Everything counts since the share was set.
    count(1_600, 2_900);
    controller.turn(0).unwrap();
    count(1_600, 12_500);
    assert!(matches!(controller.turn(0).unwrap(), Turn::Moved));
    assert_eq!(controller.kept().stage, Some(1));
}

#[test]
fn an_order_is_taken_once_and_for_its_own_stage() {
    let case = Case::new(Says(Verdict::CannotTell, None));
    let mut controller = case.open();
    for _ in 0..3 {
        controller.turn(0).unwrap();
    }
    let order = |order, stage| Ordered {
        order,
        reason: "so".to_owned(),
        by: "kim".to_owned(),
        at_ms: 0,
        stage,
        began_ms: 0,
    };
    let room = Room::new(case.folder.path(), "shop");
    room.order(&order(Word::Promote, Some(0))).unwrap();
    room.order(&order(Word::Promote, Some(0))).unwrap();
    for _ in 0..9 {
        controller.turn(0).unwrap();
    }
    assert_eq!((controller.kept().stage, controller.kept().orders_taken), (Some(1), 2));
    drop(controller);
    let mut controller = case.open();
    controller.turn(0).unwrap();
    assert_eq!(controller.kept().stage, Some(1));
    room.order(&order(Word::Abort, Some(0))).unwrap();
    for _ in 0..3 {
        controller.turn(0).unwrap();
    }
    assert_eq!(controller.kept().phase, PhaseEnd::RolledBack);
}

/// A way back that somebody opens and closes.
#[derive(Clone, Debug)]
struct Door(Arc<Mutex<WayBack>>);

impl Ways for Door {
    fn way_back(&mut self) -> WayBack {
        self.0.lock().unwrap().clone()
    }
}

#[test]
fn past_the_point_of_no_return_a_bad_rollout_freezes_whoever_judges() {
    let case = Case::new(BAD);
    let door = Door(Arc::new(Mutex::new(WayBack::Open)));
    let mut controller = case.open_with(Box::new(door.clone()));
    // It closes under way, as a migration is run.
    *door.0.lock().unwrap() = WayBack::Closed("rows of 2".to_owned());
    for second in 0..9 {
        controller.turn(second * 1_000).unwrap();
    }
    let share = || case.router.0.lock().unwrap().ppm;
    let kept = controller.kept();
    assert_eq!((kept.phase, share()), (PhaseEnd::Frozen, 500_000));
    assert_eq!(kept.verdict.as_deref(), Some("freeze"));
    assert_eq!(kept.sentence, "going back is not safe: rows of 2");
    // Whoever comes after a crash knows it too, and people may go back.
    drop(controller);
    let mut controller = case.open_with(Box::new(door.clone()));
    for second in 9..12 {
        let turn = controller.turn(second * 1_000).unwrap();
        assert!(matches!(turn, Turn::Waits(Waiting::People)), "{turn:?}");
    }
    assert_eq!(share(), 500_000);
    let room = Room::new(case.folder.path(), "shop");
    let abort = Ordered {
        order: Word::Abort,
        reason: "so".to_owned(),
        by: "kim".to_owned(),
        at_ms: 0,
        stage: Some(1),
        began_ms: 0,
    };
    room.order(&abort).unwrap();
    for second in 12..16 {
        controller.turn(second * 1_000).unwrap();
    }
    assert_eq!((controller.kept().phase, share()), (PhaseEnd::RolledBack, 0));
}

#[test]
fn what_is_frozen_is_rolled_back_once_that_is_safe() {
    let case = Case::new(BAD);
    let door = Door(Arc::new(Mutex::new(WayBack::Closed("rows of 2".to_owned()))));
    let mut controller = case.open_with(Box::new(door.clone()));
    for second in 0..9 {
        controller.turn(second * 1_000).unwrap();
    }
    assert_eq!(controller.kept().phase, PhaseEnd::Frozen);
    *door.0.lock().unwrap() = WayBack::Open;
    for second in 9..13 {
        controller.turn(second * 1_000).unwrap();
    }
    let share = case.router.0.lock().unwrap().ppm;
    assert_eq!((controller.kept().phase, share), (PhaseEnd::RolledBack, 0));
}
