//! How long a gate takes to answer with a verdict while it is judged again all the time, over real
//! HTTP. Prints a table in Markdown.
//!
//! Refuses to know what the verdict rests on.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark reads a clock and prints what it measured"
)]

use plumb_engine::clock::now_ms;
use plumb_engine::location::Location;
use plumb_rollout::judge::{Judge, Moment, Settings};
use plumb_rollout::judgement::WayBack;
use plumb_rollout::tick::{Count, Tick};
use plumb_server::access::Access;
use plumb_server::gate::board::Board;
use plumb_server::gate::{Gating, gate};
use plumb_tap::shutdown::shutdown;
use plumb_wire::gated::{Beside, Gated, gated};
use plumb_wire::judged::Judged;
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::{Duration, Instant};

/// Who asks at once, and how often each of them.
const CLIENTS: usize = 8;
const ASKED: usize = 2_000;

const PATHS: [&str; 3] =
    ["/v1/analysis/argo", "/v1/spinnaker", "/api/v1/query?query=plumb_verdict"];

fn judged(judge: &Judge) -> Gated {
    let at_ms = now_ms();
    let judgement = judge.judge(at_ms, WayBack::Open);
    let judged = Judged {
        control: "1",
        canary: "2",
        unit: "request",
        dimensions: &[],
        value_of: &|_, _| String::new(),
        judgement: &judgement,
    };
    let (of_failures, alpha) = (judge.of_failures(), judge.alpha());
    gated(&judged, Beside { of_failures, alpha, at_ms, notes: Vec::new(), caution: None })
}

fn ask(agent: &ureq::Agent, url: &str) -> Duration {
    let begun = Instant::now();
    let mut answer = agent.get(url).call().unwrap();
    answer.body_mut().read_to_string().unwrap();
    begun.elapsed()
}

fn main() {
    let mut judge = Judge::new(Settings::default());
    for at in 0..600 {
        let failures = Tick { control: Count::new(900, 3), canary: Count::new(100, 1) };
        judge.observe(now_ms() + at, &Moment { failures, ..Moment::default() });
    }
    let board = Arc::new(Board::new(judged(&judge), 1_000));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (told, _inbox) = sync_channel(1);
    let (ending, closing) = shutdown();
    let gating = Gating {
        listener,
        tls: None,
        access: Access::Loopback,
        location: Location::Folder(std::env::temp_dir()),
        labels: BTreeMap::new(),
        board: Arc::clone(&board),
        told,
        clock: now_ms,
        ready: Box::new(|| {}),
    };
    let serving = thread::spawn(move || gate(gating, closing).unwrap());
    let is_over = Arc::new(AtomicBool::new(false));
    let over = Arc::clone(&is_over);
    let judging = thread::spawn(move || {
        while !over.load(Ordering::Relaxed) {
            board.put(judged(&judge), 1_000);
        }
    });
    println!("| asked | answers | median | 99 % | slowest |\n|---|---|---|---|---|");
    for path in PATHS {
        let clients = (0..CLIENTS).map(|_| {
            let url = format!("http://{address}{path}");
            thread::spawn(move || {
                let agent = ureq::Agent::new_with_defaults();
                (0..ASKED).map(|_| ask(&agent, &url)).collect::<Vec<_>>()
            })
        });
        let clients: Vec<_> = clients.collect();
        let mut took: Vec<Duration> =
            clients.into_iter().flat_map(|client| client.join().unwrap()).collect();
        took.sort();
        let at = |percent: usize| took[(took.len() - 1) * percent / 100];
        println!(
            "| `{path}` | {} | {:.2?} | {:.2?} | {:.2?} |",
            took.len(),
            at(50),
            at(99),
            at(100)
        );
    }
    is_over.store(true, Ordering::Relaxed);
    judging.join().unwrap();
    ending.begin();
    serving.join().unwrap();
}
