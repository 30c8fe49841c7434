//! Many collectors and one daemon: deltas that come twice, late and out of order, through a daemon
//! that is killed in between, amount to the very bytes that one process folds alone.

use crate::daemon::Daemon;
use crate::provider::provider;
use crate::sandbox::{Run, run};
use plumb_engine::clock::since_epoch;
use plumb_engine::keeper::{KeepError, Keeper, ShelfKeeper, Terms};
use plumb_engine::live::{Live, Watch};
use plumb_server::client::{Remote, RemoteKeeper, trusted};
use plumb_store::store::{Applied, Delta, Entry};
use plumb_tap::options::Options;
use plumb_tap::proxy::Tap;
use plumb_tap::queue::{Bounds, Queue, Taking, bounded};
use plumb_tap::shutdown::shutdown;
use plumb_tap::upstream::{Protocol, upstream};
use plumb_traffic::fold::Origin;
use plumb_traffic::redact::Redaction;
use std::collections::VecDeque;
use std::fmt::Debug;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// How many exchanges pass. A million takes a minute or two in a release build:
/// `PLUMB_EXCHANGES=1000000 cargo test --release -p plumb --test it collectors`.
const EXCHANGES: usize = 12_000;

/// Connections at once.
const CONNECTIONS: usize = 8;

/// Kills of the daemon, spread over the run.
const KILLS: usize = 3;

/// A keeper that sends every delta twice, and holds some back until others have overtaken them.
struct Unruly {
    inner: RemoteKeeper,
    held: VecDeque<([u8; 32], Vec<Entry>)>,
    kept: usize,
}

impl Keeper for Unruly {
    fn terms(&mut self) -> Result<Terms, KeepError> {
        self.inner.terms()
    }

    fn keep(&mut self, delta: &Delta<'_>) -> Result<Applied, KeepError> {
        self.held.push_back((delta.id, delta.entries.clone()));
        self.kept += 1;
        // What is held back goes out in an order of its own, and what went out goes out again.
        while self.held.len() > self.kept % 4 {
            let at = self.kept * 7 % self.held.len();
            let (id, entries) = self.held[at].clone();
            let delta = Delta { id, source: "tap", received_ms: 0, entries };
            for _ in 0..2 {
                persistent(|| self.inner.keep(&delta));
            }
            self.held.remove(at);
        }
        Ok(Applied::Already)
    }

    fn put(&mut self, kind: &str, key: &str, bytes: &[u8]) -> Result<(), KeepError> {
        self.inner.put(kind, key, bytes)
    }

    fn get(&mut self, kind: &str, key: &str) -> Result<Option<Vec<u8>>, KeepError> {
        self.inner.get(kind, key)
    }
}

impl Drop for Unruly {
    fn drop(&mut self) {
        for (id, entries) in std::mem::take(&mut self.held) {
            let delta = Delta { id, source: "tap", received_ms: 0, entries };
            persistent(|| self.inner.keep(&delta));
        }
    }
}

/// Tries until the daemon is back.
fn persistent<T: Debug, E: Debug>(mut attempt: impl FnMut() -> Result<T, E>) {
    for _ in 0..600 {
        if attempt().is_ok() {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("the daemon did not come back: {:?}", attempt());
}

fn live(keeper: Box<dyn Keeper>) -> Live<'static> {
    let origin = Origin { writer: Some("orders".to_owned()), ..Origin::default() };
    let redaction: &'static Redaction = Box::leak(Box::default());
    let name = "tap".to_owned();
    Live::new(Watch { keeper, name, origin, redaction, name_of: &|_| None }).unwrap()
}

fn collector(folder: &Path, url: &str) -> Live<'static> {
    let remote = Remote { url: url.to_owned(), token: None, trusted: trusted(None).unwrap() };
    let inner = RemoteKeeper::new(remote, folder.into(), Box::new(|text| panic!("{text}")));
    live(Box::new(Unruly { inner, held: VecDeque::new(), kept: 0 }))
}

/// Sends so many requests on one connection and reads every answer.
fn ask(tap: SocketAddr, count: usize, first: usize) {
    let mut stream = TcpStream::connect(tap).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    for number in first..first + count {
        let path = match number % 7 {
            0 => format!("/orders/{number}?page={}", number % 3),
            1..4 => format!("/orders/{number}"),
            _ => format!("/customers/{number}/orders"),
        };
        // In one piece, or the acknowledgement of the first delays the second.
        let request = format!("GET {path} HTTP/1.1\r\nhost: orders.test\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(reader.read_line(&mut line).unwrap() > 0);
            match line.strip_prefix("content-length: ") {
                Some(text) => length = text.trim_end().parse().unwrap(),
                None if line == "\r\n" => break,
                None => {}
            }
        }
        reader.read_exact(&mut vec![0; length]).unwrap();
    }
}

/// A tap in this process, whose copies can be dealt out.
fn tap(queue: Queue, listener: TcpListener) -> Tapping {
    let tap = Tap {
        upstream: upstream(&format!("http://{}", provider()), Protocol::Http1, None).unwrap(),
        second: None,
        tls: None,
        options: Options::default(),
        queue,
        off: Arc::default(),
        clock: since_epoch,
    };
    let (shutdown, closing) = shutdown();
    let running = thread::spawn(move || drop(plumb_tap::run::run(listener, tap, closing)));
    Tapping { shutdown, running }
}

struct Tapping {
    shutdown: plumb_tap::shutdown::Shutdown,
    running: thread::JoinHandle<()>,
}

/// Deals every exchange to one of the collectors, and to the one that works alone.
fn deal(taking: Taking, together: &[PathBuf; 3], alone: &Path, url: &str) -> usize {
    let mut collectors = together.each_ref().map(|folder| collector(folder, url));
    let mut alone = live(Box::new(ShelfKeeper::new(alone.into())));
    let mut count = 0;
    for captured in taking {
        let exchange = captured.exchange();
        alone.observe(&exchange);
        let turn = count % collectors.len();
        collectors[turn].observe(&exchange);
        count += 1;
        // Each writes in a rhythm of its own. What does not arrive goes out with the next.
        if count % (97 + 50 * turn) == 0 {
            drop(collectors[turn].write(0));
        }
    }
    alone.write(0).unwrap();
    assert_eq!(alone.progress().written, u64::try_from(count).unwrap());
    for mut collector in collectors {
        persistent(|| collector.write(0));
        assert_eq!(collector.progress().lost, 0);
    }
    count
}

/// Every window of a store, as it travels.
fn windows(folder: &Path) -> Vec<String> {
    let args = &["evidence", "export", "-"];
    let ran = run(&Run { folder, args, variables: &[], stdin: b"" });
    let text = String::from_utf8(ran.stdout).unwrap();
    text.lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn three_unruly_collectors_amount_to_one() {
    let count = std::env::var("PLUMB_EXCHANGES").ok().and_then(|count| count.parse().ok());
    let count: usize = count.unwrap_or(EXCHANGES);
    let (together, apart) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut daemon = Daemon::start(together.path(), &[]);
    let key = fs::read(together.path().join(".plumb/key")).unwrap();
    let with_key = |name: &str| {
        let folder = apart.path().join(name);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("key"), &key).unwrap();
        folder
    };
    let (collectors, alone) = (["a", "b", "c"].map(with_key), with_key(".plumb"));
    let url = daemon.url();
    let (queue, taking) = bounded(Bounds { bytes_max: usize::MAX });
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let tapping = tap(queue.clone(), listener);
    let share = count / CONNECTIONS;
    let dealt = thread::scope(|scope| {
        let dealing = scope.spawn(|| deal(taking, &collectors, &alone, &url));
        let asking: Vec<_> = (0..CONNECTIONS)
            .map(|turn| scope.spawn(move || ask(address, share, 100_000 + turn * share)))
            .collect();
        for kill in 1..=KILLS {
            while usize::try_from(queue.counts().taken).unwrap() < count * kill / (KILLS + 1) {
                thread::sleep(Duration::from_millis(5));
            }
            daemon.kill();
            daemon.start_again();
        }
        asking.into_iter().for_each(|asking| asking.join().unwrap());
        tapping.shutdown.begin();
        tapping.running.join().unwrap();
        assert_eq!(queue.counts().dropped, 0);
        drop(queue);
        dealing.join().unwrap()
    });
    assert_eq!(dealt, share * CONNECTIONS);
    let (many, one) = (windows(together.path()), windows(apart.path()));
    assert!(one.len() >= 2, "{one:#?}");
    assert_eq!(many, one);
}
