//! What the tap costs: requests through it beside the same requests through nginx and HAProxy, in
//! one run on one machine.
//!
//! Everything runs on loopback and ends by itself. Refuses to judge the figures.

use crate::outcome::Outcome;
use crate::program::program;
use std::fs;
use std::io::{self, BufReader, Read as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

const HELP: &str = "nginx, haproxy, wrk and hey are needed
help: apt-get install nginx haproxy wrk hey";

/// Where each program listens.
const ORIGIN: u16 = 18_080;
const NGINX: u16 = 18_081;
const HAPROXY: u16 = 18_082;
const TAP: u16 = 18_083;

/// How often the programs take turns: machines are not equally fast all the time.
const TURNS: usize = 7;

/// Seconds of each measurement at full speed.
const SECONDS: u32 = 4;

/// Seconds of each measurement at a thousand requests a second.
const STEADY_SECONDS: u32 = 3;

/// Connections at once.
const CONNECTIONS: u32 = 32;

/// How long a program may take to listen, in steps of a tenth of a second.
const START_STEPS: u32 = 100;

/// One kind of answer.
struct Load {
    name: &'static str,
    path: &'static str,
}

const LOADS: [Load; 2] = [
    Load { name: "small (170 B)", path: "/orders/1001" },
    Load { name: "large (112 KB)", path: "/large.json" },
];

/// A program that is measured.
struct Peer {
    name: &'static str,
    port: u16,
}

const PEERS: [Peer; 4] = [
    Peer { name: "origin", port: ORIGIN },
    Peer { name: "nginx", port: NGINX },
    Peer { name: "HAProxy", port: HAPROXY },
    Peer { name: "plumb", port: TAP },
];

/// Processes that end with this program.
struct Running(Vec<Child>);

impl Drop for Running {
    fn drop(&mut self) {
        // What does not end when asked to cannot be helped here.
        self.0.iter_mut().for_each(|child| drop(end(child)));
    }
}

/// Asks a process to end, and waits until it has.
fn end(child: &mut Child) -> io::Result<()> {
    if child.try_wait()?.is_none() {
        // Asked to, not killed: the workers of nginx would be left behind, and keep its port.
        Command::new("kill").arg(child.id().to_string()).status()?;
    }
    child.wait().map(drop)
}

/// Measures in the repository at `root`.
pub(crate) fn bench_tap(root: &Path) -> Outcome {
    if !["nginx", "haproxy", "wrk", "hey"].iter().all(|name| is_there(name)) {
        eprintln!("{HELP}");
        return Outcome::Usage;
    }
    let program = match program(root) {
        Ok(program) => program,
        Err(failed) => return failed,
    };
    match measured(&program, root) {
        Ok(()) => Outcome::Yes,
        Err(err) => {
            eprintln!("cannot measure: {err}");
            Outcome::Outside
        }
    }
}

fn is_there(name: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|folder| folder.join(name).is_file())
}

fn measured(program: &Path, root: &Path) -> io::Result<()> {
    let folder = root.join("target/bench-tap");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let _servers = Running(servers(&folder)?);
    let tap = tap(program, &folder)?;
    let process = tap.id();
    let mut tap = Running(vec![tap]);
    for peer in &PEERS {
        listening(peer)?;
    }
    println!(
        "{:8} {:15} {:>10} {:>10} {:>10} {:>15}",
        "", "answers", "requests/s", "of nginx", "p99", "p99 at 1,000/s"
    );
    for load in &LOADS {
        compare(load)?;
    }
    println!("plumb: {} resident at most", resident(process)?);
    println!("plumb: {}", ended(&mut tap)?);
    Ok(())
}

/// Writes what the servers need and starts them.
fn servers(folder: &Path) -> io::Result<Vec<Child>> {
    fs::write(folder.join("large.json"), large())?;
    let small = "{\"id\":1001,\"state\":\"paid\",\"total\":35.25,\"note\":null,\
                 \"items\":[{\"sku\":\"A-1001\",\"quantity\":8},\
                 {\"sku\":\"A-1002\",\"quantity\":1}],\
                 \"placed_at\":\"2026-11-20T10:00:00Z\",\"currency\":\"EUR\"}";
    let root = folder.display();
    let origin = format!(
        "server {{ listen 127.0.0.1:{ORIGIN}; root {root}; default_type application/json; \
         location /orders/ {{ return 200 '{small}'; }} }}"
    );
    let proxy = format!(
        "upstream origin {{ server 127.0.0.1:{ORIGIN}; \
         keepalive 64; keepalive_requests 1000000; }} \
         server {{ listen 127.0.0.1:{NGINX}; location / {{ proxy_pass http://origin; \
         proxy_http_version 1.1; proxy_set_header Connection \"\"; \
         proxy_set_header Host $host; }} }}"
    );
    let haproxy = [
        "global\n  maxconn 4096",
        "defaults\n  mode http\n  http-reuse always",
        "  timeout connect 5s\n  timeout client 60s\n  timeout server 60s",
        &format!("listen tap\n  bind 127.0.0.1:{HAPROXY}\n  server origin 127.0.0.1:{ORIGIN}\n"),
    ]
    .join("\n");
    let haproxy_file = folder.join("haproxy.cfg");
    fs::write(&haproxy_file, haproxy)?;
    Ok(vec![
        nginx(folder, "origin", &origin)?,
        nginx(folder, "proxy", &proxy)?,
        quiet(Command::new("haproxy").arg("-db").arg("-f").arg(haproxy_file)).spawn()?,
    ])
}

fn nginx(folder: &Path, name: &str, servers: &str) -> io::Result<Child> {
    let place = |what: &str| folder.join(format!("{name}-{what}"));
    let (pid, errors, body) = (place("pid"), place("errors"), place("body"));
    let text = format!(
        "daemon off; worker_processes 2; pid {pid}; error_log {errors};\n\
         events {{ worker_connections 4096; }}\n\
         http {{ access_log off; keepalive_requests 1000000; sendfile on; tcp_nopush on; \
         client_body_temp_path {body}; proxy_temp_path {body}; fastcgi_temp_path {body}; \
         uwsgi_temp_path {body}; scgi_temp_path {body};\n{servers}\n}}\n",
        pid = pid.display(),
        errors = errors.display(),
        body = body.display(),
    );
    let file = folder.join(format!("{name}.conf"));
    fs::write(&file, text)?;
    quiet(Command::new("nginx").arg("-e").arg(errors).arg("-c").arg(file)).spawn()
}

fn tap(program: &Path, folder: &Path) -> io::Result<Child> {
    let (upstream, listen) = (format!("http://127.0.0.1:{ORIGIN}"), format!("127.0.0.1:{TAP}"));
    Command::new(program)
        .args(["observe", "proxy", &upstream, "--listen", &listen])
        .args(["--writer", "origin", "--store", ".plumb", "--format", "json"])
        // As the units and manifests under `deploy/` start it.
        .envs([("MIMALLOC_PURGE_DELAY", "10"), ("MIMALLOC_ALLOW_THP", "0")])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
}

fn quiet(command: &mut Command) -> &mut Command {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null())
}

/// A list of records, 112 KB of JSON.
fn large() -> String {
    let record = |number: u32| {
        format!(
            "{{\"id\":{number},\"name\":\"record {number}\",\"state\":\"open\",\
             \"price\":{}.5,\"tags\":[\"a\",\"b\"],\"updated_at\":\"2026-11-20T10:00:00Z\"}}",
            number % 90
        )
    };
    let records: Vec<String> = (1_000..2_000).map(record).collect();
    format!("{{\"records\":[{}]}}", records.join(","))
}

fn listening(peer: &Peer) -> io::Result<()> {
    for _ in 0..START_STEPS {
        if TcpStream::connect(("127.0.0.1", peer.port)).is_ok() {
            return Ok(());
        }
        sleep(Duration::from_millis(100));
    }
    Err(io::Error::other(format!("{} does not listen on port {}", peer.name, peer.port)))
}

/// Prints the medians of all turns, those of the rates against nginx's turn by turn.
fn compare(load: &Load) -> io::Result<()> {
    let url = |peer: &Peer| format!("http://127.0.0.1:{}{}", peer.port, load.path);
    let turn = |_| PEERS.iter().map(|peer| speed(&url(peer))).collect();
    let turns = (0..TURNS).map(turn).collect::<io::Result<Vec<Vec<Speed>>>>()?;
    let nginx = PEERS.iter().position(|peer| peer.port == NGINX).unwrap_or_default();
    for (place, peer) in PEERS.iter().enumerate() {
        let over = |figure: &dyn Fn(&[Speed]) -> f64| median(turns.iter().map(|it| figure(it)));
        let rate = over(&|turn| turn[place].rate);
        let share = over(&|turn| turn[place].rate / turn[nginx].rate);
        let p99 = over(&|turn| turn[place].p99_ms);
        let steady = over(&|turn| turn[place].steady_p99_ms);
        println!(
            "{:8} {:15} {rate:>10.0} {share:>10.2} {p99:>7.1} ms {steady:>12.1} ms",
            peer.name, load.name
        );
    }
    Ok(())
}

fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

/// What a program reached in one turn.
struct Speed {
    /// Requests a second.
    rate: f64,
    /// The 99th percentile of the time for one.
    p99_ms: f64,
    /// The same at a thousand requests a second.
    steady_p99_ms: f64,
}

/// A time in the words of `wrk`, in milliseconds.
fn milliseconds(text: &str) -> Option<f64> {
    let (number, factor) = match text {
        _ if text.ends_with("us") => (text.trim_end_matches("us"), 1e-3),
        _ if text.ends_with("ms") => (text.trim_end_matches("ms"), 1.0),
        _ => (text.trim_end_matches('s'), 1e3),
    };
    Some(number.parse::<f64>().ok()? * factor)
}

/// How fast it goes.
fn speed(url: &str) -> io::Result<Speed> {
    let output = Command::new("wrk")
        .args(["-t", "1", "-c", &CONNECTIONS.to_string(), "-d", &format!("{SECONDS}s")])
        .args(["--latency", url])
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let after = |label: &str| {
        let line = text.lines().find(|line| line.trim_start().starts_with(label));
        line.and_then(|line| line.split_whitespace().nth(1)).unwrap_or("?").to_owned()
    };
    if text.contains("Non-2xx") || text.contains("Socket errors") {
        return Err(io::Error::other(format!("not every request succeeded: {text}")));
    }
    Ok(Speed {
        rate: after("Requests/sec:").parse().unwrap_or(f64::NAN),
        p99_ms: milliseconds(&after("99%")).unwrap_or(f64::NAN),
        steady_p99_ms: steady_p99_ms(url)?,
    })
}

/// The 99th percentile in milliseconds at a thousand requests a second.
fn steady_p99_ms(url: &str) -> io::Result<f64> {
    let output = Command::new("hey")
        .args(["-z", &format!("{STEADY_SECONDS}s"), "-c", "10", "-q", "100", url])
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find(|line| line.trim_start().starts_with("99% in"));
    let seconds = line.and_then(|line| line.split_whitespace().nth(2)?.parse::<f64>().ok());
    Ok(seconds.map_or(f64::NAN, |seconds| seconds * 1_000.0))
}

/// The most memory that a process ever held.
fn resident(process: u32) -> io::Result<String> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    Ok(line.unwrap_or("?").trim().to_owned())
}

/// Ends the tap and gives what it says of the exchanges.
fn ended(tap: &mut Running) -> io::Result<String> {
    let Some(child) = tap.0.first_mut() else { return Ok(String::new()) };
    let stdout = child.stdout.take();
    end(child)?;
    let mut told = String::new();
    if let Some(stdout) = stdout {
        BufReader::new(stdout).read_to_string(&mut told)?;
    }
    Ok(told.lines().map(str::trim).collect())
}
