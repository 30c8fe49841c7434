//! Counters that a real Prometheus keeps, as what a rollout is judged by.

use super::shop::{Rollout, Router, free};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

/// The end of what it keeps: 2026-11-20T12:00:00Z, in seconds.
const END_S: u64 = 1_795_176_000;
const AS_OF: &str = "2026-11-20T12:00:00Z";

/// How far apart its samples lie, and how many there are: an hour of them.
const STEP_S: u64 = 15;
const STEPS: u64 = 240;

/// `test`, as bcrypt keeps it.
const WEB: &str =
    "basic_auth_users:\n  plumb: $2b$12$hNf2lSsxfm0.i4a.1kVpSOVyBCfIB51VRjgBUyv6kdnyTlgWj81Ay\n";

/// Two services of two versions: one whose new version fails five times as often, and one whose
/// new version does not. Two instances of the old version, of which one is started anew halfway,
/// when the new version comes. Of the second service nothing is told of failures but zero.
fn kept() -> String {
    let mut text = String::from("# TYPE http_requests counter\n");
    let mut add = |labels: &str, of: &dyn Fn(u64) -> Option<u64>| {
        for step in 0..STEPS {
            let at = END_S - (STEPS - step) * STEP_S;
            if let Some(value) = of(step) {
                writeln!(text, "http_requests_total{{{labels}}} {value} {at}").unwrap();
            }
        }
    };
    let half = STEPS / 2;
    for (service, fails) in [("worse", 6), ("fine", 0)] {
        let name = |version: u8, pod: &str, code: u16| {
            format!("service=\"{service}\",version=\"{version}\",pod=\"{pod}\",code=\"{code}\"")
        };
        let anew = |step: u64, each: u64| {
            if step < half { 70_000 + step * each } else { (step - half) * each }
        };
        add(&name(1, "a", 200), &|step| Some(anew(step, 400)));
        add(&name(1, "b", 200), &|step| Some(1_000_000 + step * 400));
        add(&name(2, "c", 200), &|step| Some(step.checked_sub(half)? * 100));
        if fails > 0 {
            add(&name(1, "b", 500), &|step| Some(step * 8));
            // Told from its first failure on, as counters with labels are.
            add(&name(2, "c", 500), &|step| Some((step.checked_sub(half + 2)? + 1) * fails));
        }
    }
    text.push_str("# TYPE took_seconds histogram\n");
    for (version, pods) in [(1, 2_u64), (2, 1)] {
        for (le, each) in [("0.1", 90), ("0.5", 99), ("+Inf", 100)] {
            for step in 0..STEPS {
                let at = END_S - (STEPS - step) * STEP_S;
                let value = step * each * pods;
                writeln!(
                    text,
                    "took_seconds_bucket{{version=\"{version}\",le=\"{le}\"}} {value} {at}"
                )
                .unwrap();
            }
        }
    }
    text.push_str("# EOF\n");
    text
}

/// A Prometheus that keeps all this, and wants a password.
fn prometheus(folder: &Path) -> Router {
    fs::write(folder.join("kept.om"), kept()).unwrap();
    fs::write(folder.join("prometheus.yml"), "scrape_configs: []\n").unwrap();
    fs::write(folder.join("web.yml"), WEB).unwrap();
    let made = Command::new("promtool")
        .args(["tsdb", "create-blocks-from", "openmetrics", "kept.om", "data"])
        .current_dir(folder)
        .output()
        .expect("`cargo xtask servers` installs it");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let port = free();
    let mut command = Command::new("prometheus");
    command
        .args(["--config.file=prometheus.yml", "--storage.tsdb.path=data"])
        .args(["--storage.tsdb.retention.time=20y", "--web.config.file=web.yml"])
        .arg(format!("--web.listen-address=127.0.0.1:{port}"))
        .current_dir(folder);
    Router::start(command, port)
}

const TOTAL: &str = "http_requests_total{service=\"worse\"}";
const BAD: &str = "http_requests_total{service=\"worse\",code=~\"5..\"}";

fn fine(query: &str) -> String {
    query.replace("worse", "fine")
}

/// Asks until it is ready to answer, which it is a moment after it listens.
fn analyze(rollout: &Rollout, url: &str, words: &[&str]) -> (Option<i32>, String, String) {
    fs::write(rollout.path("url"), url).unwrap();
    let address = ["analyze", "--prometheus-url-file", "url", "--as-of", AS_OF, "--over", "70m"];
    let versions = ["--control", "1", "--canary", "2"];
    loop {
        let told = rollout.plumb(&[&address[..], &versions, words].concat());
        if !told.2.contains("answers 503") {
            return told;
        }
    }
}

#[test]
fn a_real_prometheus_is_judged_by_and_its_password_comes_out_nowhere() {
    let rollout = Rollout::new();
    let router = prometheus(rollout.folder());
    let url = format!("http://plumb:test@{}", router.address);
    let ask = |words: &[&str]| analyze(&rollout, &url, words);
    let (code, told, said) = ask(&["--total", TOTAL, "--bad", BAD]);
    assert_eq!(code, Some(1), "{told}{said}");
    assert!(told.contains("requests on 2 fail"), "{told}");
    // Each of 118 steps with six failures, and each request of control, which was started anew.
    assert!(told.contains("708 of 12608 requests"), "{told}");
    assert!(told.contains("1912 of 192712"), "{told}");
    let (total, zero) = (fine(TOTAL), format!("{} or 0 * {}", fine(BAD), fine(TOTAL)));
    let latency = ["--latency", "took_seconds_bucket"];
    let (code, told, said) = ask(&[&["--total", &total, "--bad", &zero], &latency[..]].concat());
    assert_eq!(code, Some(0), "{told}{said}");
    // What finds nothing is no proof that nothing failed.
    let (code, told, _) = ask(&["--total", &total, "--bad", &fine(BAD)]);
    assert_eq!(code, Some(3), "{told}");
    assert!(told.contains("no series of `bad` was ever told"), "{told}");
    let (code, told, _) = ask(&["--total", "http_requests", "--bad", BAD]);
    assert_eq!(code, Some(3), "{told}");
    assert!(told.contains("no series of `total` has `1` or `2`"), "{told}");
    let (code, _, said) = ask(&["--total", "sum by (", "--bad", BAD]);
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("it refused: ") && said.contains("parse error"), "{said}");
    let wrong = format!("http://plumb:secret-word@{}", router.address);
    let (code, told, said) = analyze(&rollout, &wrong, &["--total", TOTAL, "--bad", BAD]);
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("401") && !(told + &said).contains("secret-word"), "{said}");
    drop(router);
    let (code, _, said) = analyze(&rollout, &url, &["--total", TOTAL, "--bad", BAD]);
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("cannot be asked") && !said.contains("plumb:test"), "{said}");
}

#[test]
fn the_job_that_is_made_for_argo_asks_a_real_prometheus() {
    let rollout = Rollout::new();
    let router = prometheus(rollout.folder());
    // Until it is ready.
    let url = format!("http://plumb:test@{}", router.address);
    assert_eq!(analyze(&rollout, &url, &["--total", TOTAL, "--bad", BAD]).0, Some(1));
    for (service, code) in [("worse", 1), ("fine", 0), ("other", 3)] {
        let made = rollout.plumb(&["generate", "argo-job", "--name", service, "--url", &url]).1;
        let (_, listed) = made.split_once("                    args:\n").unwrap();
        let words: Vec<String> = listed
            .lines()
            .map(|line| serde_json::from_str(line.trim().strip_prefix("- ").unwrap()).unwrap())
            .collect();
        let words = words.iter().map(|word| match word.as_str() {
            "{{args.control}}" => "1",
            "{{args.canary}}" => "2",
            "rollouts_pod_template_hash" => "version",
            word => word,
        });
        // The image runs the program itself; here the first word stands already.
        let words: Vec<&str> = words.skip(1).chain(["--as-of", AS_OF]).collect();
        let (found, told, said) = rollout.plumb(&words);
        assert_eq!(found, Some(code), "{service} {told}{said}");
    }
}

#[test]
fn a_rollout_is_rolled_back_by_what_a_real_prometheus_keeps() {
    let rollout = Rollout::new();
    let router = prometheus(rollout.folder());
    // Until it is ready.
    let url = format!("http://plumb:test@{}", router.address);
    assert_eq!(analyze(&rollout, &url, &["--total", TOTAL, "--bad", BAD]).0, Some(1));
    let write = |service: &str, url: &str| {
        let (total, bad) = (TOTAL.replace("worse", service), BAD.replace("worse", service));
        let text = format!(
            "name = \"{service}\"\ncontrol = \"1\"\ncanary = \"2\"\n[driver]\nkind = \"command\"\n\
             command = [\"true\"]\n[judge.prometheus]\nurl = \"{url}\"\ntotal = '{total}'\n\
             bad = '{bad} or 0 * {total}'\n[[stage]]\nshare = \"10%\"\n\
             [[stage]]\nshare = \"100%\"\n"
        );
        fs::write(rollout.path("rollout.toml"), text).unwrap();
    };
    let run = || rollout.plumb(&["run", "--no-wait", "--as-of", AS_OF]);
    write("worse", &url);
    let (code, told, said) = run();
    assert_eq!(code, Some(1), "{told}{said}");
    assert!(told.contains("rolled-back") && told.contains("requests on 2 fail"), "{told}");
    write("fine", &url);
    let (code, told, said) = run();
    assert_eq!(code, Some(0), "{told}{said}");
    // Nobody to ask is no yes, and no reason to go back either.
    drop(router);
    write("gone", &url);
    let (code, told, said) = run();
    assert_eq!(code, Some(3), "{told}{said}");
    assert!(told.contains("cannot tell yet: http://127.0.0.1"), "{told}");
    assert!(!(told + &said).contains("test@"));
    write("gone", "ftp://plumb:secret-word@h");
    let (code, told, said) = run();
    assert_eq!(code, Some(2), "{said}");
    assert!(!(told + &said).contains("secret-word"), "{said}");
}
