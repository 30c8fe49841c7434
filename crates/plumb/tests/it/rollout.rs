//! Rollouts through real routers, under load: no request fails, whoever is killed is gone on for,
//! and two never run one.

mod metrics;
mod shop;
mod watched;

use shop::{Load, Met, Rollout, Router, ask};

const HAPROXY: &str = "kind = \"haproxy\"\nsocket = \"haproxy.sock\"\nbackend = \"shop\"\n\
                       canary = [\"new\"]\ncontrol = [\"old\"]";

fn nginx(rollout: &Rollout, router: &Router) -> String {
    let folder = rollout.folder().display();
    format!(
        "kind = \"nginx\"\ninclude = \"plumb.conf\"\ncanary = \"new\"\ncontrol = \"old\"\n\
         command = [\"/usr/sbin/nginx\", \"-e\", \"{folder}/error.log\", \"-c\", \
         \"{folder}/nginx.conf\"]\nprobe = \"http://{}/plumb\"",
        router.address
    )
}

const STAGES: [&str; 4] =
    ["share = \"5%\"", "share = \"25%\"", "share = \"50%\"", "share = \"100%\""];

/// Kills whoever runs it at the so many-th thing that happens, and again, until it ends by itself.
/// How far it came when it is killed is a matter of luck; the engine's own tests cut it off at
/// every single point.
fn killed_at_each_step(rollout: &Rollout) -> (usize, Option<i32>) {
    for kills in 0.. {
        let mut controller = rollout.run(&[]);
        // One more thing happens each time than last time, so that every step is met.
        for _ in 0..=kills / 3 {
            match controller.next() {
                Some((word, _)) if word == "status" => return (kills, controller.end()),
                Some(_) => {}
                None => panic!("it ended without a word"),
            }
        }
        controller.kill();
    }
    unreachable!()
}

fn there_and_back(rollout: &Rollout, router: &Router) {
    let load = Load::start(router.address);
    rollout.judge("promote");
    let (kills, code) = killed_at_each_step(rollout);
    assert!(kills >= 2, "{kills}");
    assert_eq!(code, Some(0));
    let Met { old, new, failed } = load.wait_for(300);
    // What was under way when the last router was set may still come.
    assert!(failed == 0 && old <= 3 && new > 0, "{old} {new} {failed}");
    rollout.judge("cannot-tell");
    let mut again = rollout.run(&["--again"]);
    again.until("judged");
    rollout.judge("roll-back");
    again.until("aims");
    again.kill();
    let (_, code) = killed_at_each_step(rollout);
    assert_eq!(code, Some(1));
    let Met { old, new, failed } = load.wait_for(300);
    assert!(failed == 0 && new <= 3 && old > 0, "{old} {new} {failed}");
    let met = load.end();
    assert_eq!(met.failed, 0, "{met:?}");
}

#[test]
fn haproxy_goes_there_and_back_under_load_and_no_request_fails() {
    let rollout = Rollout::new();
    let router = Router::haproxy(rollout.folder());
    rollout.write(HAPROXY, &STAGES);
    there_and_back(&rollout, &router);
}

#[test]
fn nginx_goes_there_and_back_under_load_and_no_request_fails() {
    let rollout = Rollout::new();
    let router = Router::nginx(rollout.folder());
    rollout.write(&nginx(&rollout, &router), &STAGES);
    there_and_back(&rollout, &router);
}

const TAP: &str = "kind = \"tap\"\nsocket = \"tap.sock\"";

#[test]
fn the_tap_goes_there_and_back_under_load_and_no_request_fails() {
    let rollout = Rollout::new();
    let router = Router::tap(rollout.folder(), &[]);
    rollout.write(TAP, &STAGES);
    there_and_back(&rollout, &router);
}

#[test]
fn the_tap_keeps_callers_and_cohorts_and_its_evidence_tells_versions_apart() {
    let rollout = Rollout::new();
    let router = Router::tap(rollout.folder(), &["--sticky", "cookie:visitor"]);
    let stages = ["cohort = \"x-group: internal\"\nthen = \"hold\"", "share = \"30%\"", STAGES[3]];
    rollout.write(TAP, &stages);
    rollout.judge("promote");
    assert_eq!(rollout.plumb(&["run", "--no-wait"]).0, Some(3));
    let asked = |line: &str| ask(router.address, line).unwrap();
    assert_eq!(asked("x-group: internal\r\n"), "new");
    assert_eq!(asked("x-group: other\r\n"), "old");
    rollout.judge("cannot-tell");
    assert_eq!(rollout.plumb(&["promote", "--reason", "so"]).0, Some(0));
    assert_eq!(rollout.plumb(&["run", "--no-wait"]).0, Some(3));
    let of = |visitor: u32| asked(&format!("cookie: a=b; visitor=v{visitor}\r\n"));
    let first: Vec<String> = (0..200).map(of).collect();
    let new = first.iter().filter(|name| *name == "new").count();
    assert!((35..=85).contains(&new), "{new}");
    assert_eq!((0..200).map(of).collect::<Vec<_>>(), first);
    let (_, document, _) = rollout.plumb(&["status", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["regions"][0]["told"].as_f64(), Some(30.0));
    // What somebody says by mistake changes nothing, and nobody else may say anything.
    let path = rollout.path("tap.sock");
    let mode = std::os::unix::fs::PermissionsExt::mode(&path.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    drop(router);
    assert!(!path.exists(), "the socket is left behind");
    let evidence = rollout.other(&["evidence", "show", "--format", "json"]);
    for version in ["\"1\"", "\"2\""] {
        assert!(evidence.contains(&format!("\"version\": {version}")), "{version} {evidence}");
    }
}

#[test]
fn nginx_sends_a_cohort_first() {
    let rollout = Rollout::new();
    let router = Router::nginx(rollout.folder());
    let stages = ["cohort = \"x-group: internal\"\nthen = \"hold\"", "share = \"100%\""];
    rollout.write(&nginx(&rollout, &router), &stages);
    rollout.judge("promote");
    assert_eq!(rollout.plumb(&["run", "--no-wait"]).0, Some(3));
    let asked = |line: &str| ask(router.address, line);
    for _ in 0..20 {
        assert_eq!(asked("x-group: internal\r\n").as_deref(), Some("new"));
        assert_eq!(asked("x-group: other\r\n").as_deref(), Some("old"));
    }
}

#[test]
fn the_share_that_is_routed_is_told_beside_what_was_asked() {
    let rollout = Rollout::new();
    let router = Router::haproxy(rollout.folder());
    rollout.write(HAPROXY, &["share = \"5%\"", "share = \"100%\""]);
    let load = Load::start(router.address);
    assert_eq!(rollout.plumb(&["run", "--no-wait"]).0, Some(3));
    let met = load.wait_for(2_000);
    assert!(met.new > 60 && met.new < 140, "{met:?}");
    // The next look reads what was routed meanwhile.
    assert_eq!(rollout.plumb(&["run", "--no-wait"]).0, Some(3));
    let (code, document, _) = rollout.plumb(&["status", "--format", "json"]);
    assert_eq!(code, Some(3));
    crate::schema::check("rollout-v1", &document);
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    let region = &document["regions"][0];
    assert_eq!((region["asked"].as_f64(), region["told"].as_f64()), (Some(5.0), Some(5.0)));
    let routed = &region["routed"];
    let (from, to) = (routed["from"].as_f64().unwrap(), routed["to"].as_f64().unwrap());
    assert!(3.0 < from && from < 5.0 && 5.0 < to && to < 7.5, "{routed}");
    assert!(routed["canary"].as_u64().unwrap() + routed["control"].as_u64().unwrap() >= 2_000);
    let (_, text, _) = rollout.plumb(&["status"]);
    assert!(text.contains("asked 5 %, routed "), "{text}");
    assert_eq!(load.end().failed, 0);
}

#[test]
fn the_second_controller_is_told_who_is_first_and_takes_over_when_that_dies() {
    let rollout = Rollout::new();
    let _router = Router::haproxy(rollout.folder());
    rollout.write(HAPROXY, &STAGES);
    let mut first = rollout.run(&[]);
    first.until("judged");
    let (code, _, refused) = rollout.plumb(&["run"]);
    assert_eq!(code, Some(4));
    assert!(refused.contains(&format!("is run by process {} on `", first.process())), "{refused}");
    first.kill();
    rollout.judge("promote");
    let mut second = rollout.run(&[]);
    assert_eq!(second.until("resumed"), "walking");
    assert_eq!(second.end(), Some(0));
}

#[test]
fn people_overrule_whoever_runs_it() {
    let rollout = Rollout::new();
    let router = Router::haproxy(rollout.folder());
    rollout.write(HAPROXY, &STAGES);
    let mut controller = rollout.run(&[]);
    controller.until("judged");
    let (code, _, said) = rollout.plumb(&["promote", "--reason", "Kim looked"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(controller.until("ordered").ends_with("ordered to promote: Kim looked"));
    assert_eq!(controller.until("aims"), "stage `25 %`");
    let (code, text, said) = rollout.plumb(&["abort", "--reason", "carts are empty"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(text.starts_with("shop: 1 to 2, rolled back"), "{text}");
    assert_eq!(controller.end(), Some(1));
    assert_eq!(ask(router.address, "").as_deref(), Some("old"));
    let log = std::fs::read_to_string(rollout.path(".plumb/rollouts/shop/log.ndjson")).unwrap();
    assert!(log.contains("carts are empty") && log.contains("Kim looked"), "{log}");
}

#[test]
fn an_order_does_not_wait_for_the_next_look() {
    let rollout = Rollout::new();
    let _router = Router::haproxy(rollout.folder());
    rollout.write(HAPROXY, &STAGES);
    let path = rollout.path("rollout.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("every = \"1s\"", "every = \"1d\"")).unwrap();
    let mut controller = rollout.run(&[]);
    controller.until("judged");
    assert_eq!(rollout.plumb(&["abort", "--reason", "now"]).0, Some(0));
    assert_eq!(controller.end(), Some(1));
}

#[test]
fn whoever_died_is_aborted_for() {
    let rollout = Rollout::new();
    let router = Router::haproxy(rollout.folder());
    rollout.write(HAPROXY, &["share = \"100%\"\nat_least = \"1h\""]);
    let mut controller = rollout.run(&[]);
    controller.until("judged");
    controller.kill();
    assert_eq!(ask(router.address, "").as_deref(), Some("new"));
    // Also with other stages than it began with.
    rollout.write(HAPROXY, &STAGES);
    assert_eq!(rollout.plumb(&["run"]).0, Some(2));
    assert_eq!(rollout.plumb(&["abort", "--reason", "nobody there"]).0, Some(0));
    assert_eq!(ask(router.address, "").as_deref(), Some("old"));
}

#[test]
fn what_somebody_else_took_away_is_not_given_back() {
    let rollout = Rollout::new();
    let router = Router::haproxy(rollout.folder());
    rollout.write(HAPROXY, &["share = \"100%\"\nat_least = \"1h\""]);
    assert_eq!(rollout.plumb(&["run", "--no-wait"]).0, Some(3));
    let say = |command: &str| {
        use std::io::{Read as _, Write as _};
        let path = rollout.path("haproxy.sock");
        let mut stream = std::os::unix::net::UnixStream::connect(path).unwrap();
        writeln!(stream, "{command}").unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
    };
    say("set weight shop/old 100");
    say("set weight shop/new 0");
    rollout.judge("promote");
    let (code, text, _) = rollout.plumb(&["run", "--no-wait"]);
    assert_eq!(code, Some(3));
    assert!(text.contains("held, since routers give it less"), "{text}");
    assert_eq!(ask(router.address, "").as_deref(), Some("old"));
    // Until people say so.
    assert_eq!(rollout.plumb(&["promote", "--reason", "it was a test"]).0, Some(0));
    assert_eq!(rollout.plumb(&["run", "--no-wait"]).0, Some(3));
    assert_eq!(ask(router.address, "").as_deref(), Some("new"));
}

#[test]
fn a_static_algorithm_takes_all_or_nothing() {
    let rollout = Rollout::new();
    let _router = Router::haproxy(rollout.folder());
    let fixed = HAPROXY.replace("\"shop\"", "\"fixed\"");
    rollout.write(&fixed, &["share = \"5%\"", "share = \"100%\""]);
    let (code, _, refused) = rollout.plumb(&["run"]);
    assert_eq!(code, Some(4));
    assert!(refused.contains("static LB algorithm") && refused.contains("help: "), "{refused}");
}
