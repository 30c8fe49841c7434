//! What receiving telemetry costs: spans that a release build takes, folds and counts, by the
//! seconds of processor time it spends.
//!
//! Everything runs on loopback and ends by itself. Refuses to judge the figures.

use crate::otlp_load::{BATCH, SPAN_BYTES, requests};
use crate::outcome::Outcome;
use crate::program::program;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Seconds of each measurement: two rounds of writing evidence.
const SECONDS: u64 = 11;

/// Connections at once.
const CONNECTIONS: u64 = 4;

/// Ticks of processor time in a second; Linux has no other value on the machines it is built for.
const TICKS: f64 = 100.0;

/// How hard to send.
struct Load {
    name: &'static str,
    /// How long each connection waits between two requests.
    pause: Option<Duration>,
}

const LOADS: [Load; 2] = [
    Load { name: "steady", pause: Some(Duration::from_millis(2)) },
    Load { name: "as fast as it goes", pause: None },
];

/// A receiver that ends with this program.
struct Receiver {
    child: Child,
    address: String,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // What has ended already cannot be ended again.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Measures in the repository at `root`.
pub(crate) fn bench_otlp(root: &Path) -> Outcome {
    let program = match program(root) {
        Ok(program) => program,
        Err(failed) => return failed,
    };
    println!("{BATCH} spans of {SPAN_BYTES} bytes a request, over {CONNECTIONS} connections");
    for load in &LOADS {
        if let Err(err) = measured(&program, root, load) {
            eprintln!("cannot measure: {err}");
            return Outcome::Outside;
        }
    }
    Outcome::Yes
}

fn measured(program: &Path, root: &Path, load: &Load) -> io::Result<()> {
    let folder = root.join("target/bench-otlp");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let mut receiver = receiver(program, &folder)?;
    let sent = thread::scope(|scope| {
        let address = receiver.address.as_str();
        let send = |number| scope.spawn(move || sent(address, number, load.pause));
        let senders: Vec<_> = (0..CONNECTIONS).map(send).collect();
        senders.into_iter().map(|sender| sender.join().unwrap_or(Ok(0))).sum::<io::Result<u64>>()
    })?;
    let resident = resident(receiver.child.id())?;
    let told = ended(&mut receiver)?;
    // Its times can be read until it is waited for, and are complete now.
    let seconds = spent(receiver.child.id())?;
    let count = |name: &str| {
        let value =
            told.lines().find_map(|line| line.trim().strip_prefix(&format!("\"{name}\": ")));
        value.and_then(|value| value.trim_end_matches(',').parse::<f64>().ok()).unwrap_or_default()
    };
    let (spans, rejected) = (count("spans"), count("rejected"));
    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    let rate = sent as f64 * BATCH as f64 / SECONDS as f64;
    println!(
        "{}: {:.2} million spans/s sent; for each CPU second {:.2} million taken and {:.2} million \
         answered; {:.1} % rejected, {:.0} exchanges written, {resident} resident at most",
        load.name,
        rate / 1e6,
        spans / seconds / 1e6,
        (spans + rejected) / seconds / 1e6,
        100.0 * rejected / (spans + rejected).max(1.0),
        count("written"),
    );
    Ok(())
}

fn receiver(program: &Path, folder: &Path) -> io::Result<Receiver> {
    let mut child = Command::new(program)
        .args(["observe", "otlp", "--listen-http", "127.0.0.1:0", "--format", "json"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    if let Some(stderr) = &mut child.stderr {
        BufReader::new(stderr).read_line(&mut line)?;
    }
    let address = line.split(' ').nth(1).unwrap_or_default().to_owned();
    Ok(Receiver { child, address })
}

/// Sends until the time is over; gives the number of requests.
fn sent(address: &str, connection: u64, pause: Option<Duration>) -> io::Result<u64> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut answers = BufReader::new(stream.try_clone()?);
    let mut requests = requests(connection);
    let begun = now();
    let mut count = 0;
    for round in 1.. {
        for request in &mut requests {
            if begun.elapsed() >= Duration::from_secs(SECONDS) {
                return Ok(count);
            }
            stream.write_all(request.of_round(round))?;
            answered(&mut answers)?;
            count += 1;
            pause.into_iter().for_each(thread::sleep);
        }
    }
    Ok(count)
}

fn answered(answers: &mut impl io::BufRead) -> io::Result<()> {
    let mut length = 0;
    let mut line = String::new();
    loop {
        line.clear();
        if answers.read_line(&mut line)? == 0 {
            return Err(io::Error::other("the receiver ended the connection"));
        }
        if line == "\r\n" {
            break;
        }
        if let Some(bytes) = line.strip_prefix("content-length: ") {
            length = bytes.trim_end().parse().unwrap_or_default();
        }
    }
    io::copy(&mut answers.take(length), &mut io::sink())?;
    Ok(())
}

/// Seconds of processor time that a process took.
fn spent(process: u32) -> io::Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // Behind the name, which may hold anything: user and system time are the 12th and 13th words.
    let words = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: f64 = words.skip(11).take(2).filter_map(|word| word.parse::<f64>().ok()).sum();
    Ok(ticks / TICKS)
}

/// The most memory that a process ever held.
fn resident(process: u32) -> io::Result<String> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    Ok(line.unwrap_or("?").trim().to_owned())
}

/// Ends the receiver and gives what it says.
fn ended(receiver: &mut Receiver) -> io::Result<String> {
    Command::new("kill").args(["-TERM", &receiver.child.id().to_string()]).status()?;
    let mut told = String::new();
    if let Some(stdout) = &mut receiver.child.stdout {
        stdout.read_to_string(&mut told)?;
    }
    Ok(told)
}

#[expect(clippy::disallowed_methods, reason = "time is what is measured")]
fn now() -> Instant {
    Instant::now()
}
