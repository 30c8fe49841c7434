//! Replaying over HTTP: asks the deployed version and the candidate what was asked before, a few
//! requests at a time, and hands the answers on to be compared.
//!
//! Opens no connection but to the addresses it is given. Refuses to know what answers mean.

use crate::client::agent_keeping;
use crate::replay_target::Target;
use crate::resent::Fresh;
use plumb_engine::clock::since_epoch;
use plumb_engine::replay::agreement::Trio;
use plumb_engine::replay::answer::Answer;
use plumb_engine::replay::plan::{Turn, plan};
use plumb_engine::replay::reel::{Recorded, Reel};
use plumb_engine::replay::report::{Basis, Ended};
use plumb_engine::replay::tallies::{Tallies, Version, Withheld};
use plumb_tap::run::interruption;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use thiserror::Error;
use ureq::http::{HeaderMap, HeaderName, HeaderValue, Uri};
use ureq::tls::RootCerts;

/// Requests under way at once, at most: more load tells about load.
pub const JOBS_MAX: usize = 64;

/// How often to look whether a candidate that was started listens.
const LOOK: Duration = Duration::from_millis(20);

/// Why the answers to a request are not compared.
const ONCE: &str =
    "requests that may change something, asked once: two instances of `--deployed` compare them";

/// Whom to ask, and how.
pub struct Replaying {
    /// The addresses of the deployed version: none, one, or two instances.
    pub deployed: Vec<String>,
    /// The address of the candidate.
    pub candidate: String,
    /// Headers that every request carries, with credentials perhaps.
    pub headers: Vec<(String, String)>,
    /// Names that recorded headers are sent under, in lower case; an empty one is not sent at all.
    pub renamed: BTreeMap<String, String>,
    /// Requests under way at once.
    pub jobs: usize,
    /// How long an answer may take.
    pub timeout: Duration,
    /// Whom to trust.
    pub trusted: RootCerts,
    /// What is withheld: values there are not compared.
    pub withheld: Withheld,
}

/// Those that are asked.
pub struct Targets {
    instances: Vec<Target>,
    basis: Basis,
    jobs: usize,
    withheld: Withheld,
}

/// Says that it is time to end.
#[derive(Clone, Debug, Default)]
pub struct Interrupted(Arc<AtomicBool>);

/// What came of replaying.
#[derive(Debug)]
pub struct Replayed {
    /// What was counted.
    pub tallies: Tallies,
    /// Turns that were taken: requests, with those that were repeated.
    pub turns: u64,
    /// Whether all were.
    pub ended: Ended,
}

/// Why nothing could be replayed.
#[derive(Debug, Error)]
pub enum ReplayError {
    /// Not an address to ask.
    #[error("`{0}` is no address of the form `http://host:port` or `https://host:port`")]
    Address(String),
    /// A header that HTTP has no room for. Its value is nobody's to tell.
    #[error("the header `{0}` cannot be sent: its name or its value is none")]
    Header(String),
    /// Nobody answers there.
    #[error("`{url}` cannot be reached: {why}")]
    Unreachable {
        /// Its address.
        url: String,
        /// Why.
        why: String,
    },
}

impl fmt::Debug for Replaying {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Replaying").field("candidate", &self.candidate).finish_non_exhaustive()
    }
}

impl fmt::Debug for Targets {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Targets").field("basis", &self.basis).finish_non_exhaustive()
    }
}

impl Interrupted {
    /// Ends what goes on, once what was begun is done.
    pub fn now(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it is time.
    #[must_use]
    pub fn is(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Listens to what the process is told, on a thread of its own. Without threads nobody
    /// listens, and the process ends as others do.
    pub fn listen(&self) {
        let told = self.clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        if let Ok(runtime) = runtime {
            std::thread::spawn(move || {
                runtime.block_on(interruption());
                told.now();
            });
        }
    }
}

/// Those that are to be asked. Nothing is sent yet.
///
/// # Errors
/// [`ReplayError`] for an address or a header that is none.
pub fn targets(replaying: Replaying) -> Result<Targets, ReplayError> {
    let Replaying { deployed, candidate, headers, renamed, timeout, trusted, .. } = replaying;
    let jobs = replaying.jobs.clamp(1, JOBS_MAX);
    let fresh = Fresh { headers: header_map(&headers)?, renamed };
    let agent = agent_keeping(jobs, timeout, trusted);
    let basis = match deployed.len() {
        0 => Basis::Recorded,
        1 => Basis::TwoAsks,
        _ => Basis::TwoInstances,
    };
    let target = |url: String| Ok(Target::new(address(&url)?, agent.clone(), fresh.clone()));
    let instances: Result<Vec<Target>, ReplayError> =
        deployed.into_iter().take(2).chain([candidate]).map(target).collect();
    Ok(Targets { instances: instances?, basis, jobs, withheld: replaying.withheld })
}

/// An address with at most a path, without the slash at its end.
fn address(url: &str) -> Result<String, ReplayError> {
    let refused = || {
        // Whoever writes a password there should not read it again.
        let shown = url.rsplit_once('@').map_or(url, |(_, host)| host);
        ReplayError::Address(shown.chars().take(300).collect())
    };
    let uri: Uri = url.parse().map_err(|_| refused())?;
    let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
    let has_user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
    if !is_http || has_user || uri.query().is_some() || uri.host().is_none_or(str::is_empty) {
        return Err(refused());
    }
    Ok(url.trim_end_matches('/').to_owned())
}

fn header_map(headers: &[(String, String)]) -> Result<HeaderMap, ReplayError> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let refused = || ReplayError::Header(name.clone());
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused())?;
        let mut value = HeaderValue::from_str(value).map_err(|_| refused())?;
        value.set_sensitive(true);
        map.append(key, value);
    }
    Ok(map)
}

impl Targets {
    /// What is compared with what.
    #[must_use]
    pub fn basis(&self) -> Basis {
        self.basis
    }

    /// Whether somebody listens where the candidate is to be.
    #[must_use]
    pub fn is_candidate_there(&self) -> bool {
        self.instances.last().is_some_and(|candidate| candidate.listens().is_ok())
    }

    /// Waits until everybody listens, as long as `patience` at most, or until `is_over`.
    ///
    /// # Errors
    /// [`ReplayError::Unreachable`] for the first that does not.
    pub fn await_listening(
        &self,
        patience: Duration,
        is_over: &dyn Fn() -> bool,
    ) -> Result<(), ReplayError> {
        let begun = since_epoch();
        for target in &self.instances {
            while let Err(why) = target.listens() {
                if since_epoch().saturating_sub(begun) >= patience || is_over() {
                    return Err(ReplayError::Unreachable { url: target.url().to_owned(), why });
                }
                std::thread::sleep(LOOK);
            }
        }
        Ok(())
    }

    /// Asks everybody everything, until all is asked or it is interrupted. `progress` is called
    /// after each request.
    ///
    /// # Errors
    /// [`ReplayError::Unreachable`] when somebody never answered.
    pub fn replay(
        &self,
        reel: &Reel,
        interrupted: &Interrupted,
        progress: &(dyn Fn() + Sync),
    ) -> Result<Replayed, ReplayError> {
        let asking = Asking { targets: self, requests: &reel.requests, interrupted, progress };
        let mut replayed = Replayed { tallies: Tallies::default(), turns: 0, ended: Ended::Whole };
        for batch in plan(&reel.requests) {
            asking.batch(&batch, &mut replayed);
        }
        if interrupted.is() {
            replayed.ended = Ended::Interrupted;
        }
        let silent = |target: &Target| target.silence().map(|why| (target.url().to_owned(), why));
        match self.instances.iter().find_map(silent) {
            Some((url, why)) => Err(ReplayError::Unreachable { url, why }),
            None => Ok(replayed),
        }
    }
}

/// How many turns a plan for these requests has.
#[must_use]
pub fn turns(reel: &Reel) -> u64 {
    plan(&reel.requests).iter().map(|batch| batch.len() as u64).sum()
}

/// Everything that taking a turn needs.
struct Asking<'a> {
    targets: &'a Targets,
    requests: &'a [Recorded],
    interrupted: &'a Interrupted,
    progress: &'a (dyn Fn() + Sync),
}

/// Who gives one of three answers.
enum Lane<'a> {
    Asked(Version, &'a Target),
    Recorded,
}

impl Asking<'_> {
    /// Takes the turns of a batch, several at a time.
    fn batch(&self, turns: &[Turn], replayed: &mut Replayed) {
        let next = AtomicUsize::new(0);
        let work = || {
            let (mut tallies, mut taken) = (Tallies::default(), 0);
            while let Some(turn) = turns.get(next.fetch_add(1, Ordering::Relaxed)) {
                if self.interrupted.is() {
                    break;
                }
                self.turn(*turn, &mut tallies);
                taken += 1;
                (self.progress)();
            }
            (tallies, taken)
        };
        let jobs = self.targets.jobs.min(turns.len());
        let parts: Vec<(Tallies, u64)> = if jobs <= 1 {
            vec![work()]
        } else {
            std::thread::scope(|scope| {
                let workers: Vec<_> = (0..jobs).map(|_| scope.spawn(work)).collect();
                let joined = workers.into_iter().map(std::thread::ScopedJoinHandle::join);
                joined
                    .map(|part| part.unwrap_or_else(|bug| std::panic::resume_unwind(bug)))
                    .collect()
            })
        };
        for (tallies, taken) in parts {
            replayed.tallies.merge(tallies);
            replayed.turns += taken;
        }
    }

    fn turn(&self, turn: Turn, tallies: &mut Tallies) {
        let Some(request) = self.requests.get(turn.request) else { return };
        if !request.is_safe() && self.targets.basis != Basis::TwoInstances {
            return self.once(request, tallies);
        }
        let mut answers: [Answer; 3] = Default::default();
        for at in turn.order {
            answers[at] = match self.lane(at) {
                Lane::Asked(version, target) => ask(version, target, request, tallies),
                Lane::Recorded => recorded(request, tallies),
            };
        }
        let [first, second, single] = &answers;
        let trio = Trio { pair: [first, second], single };
        tallies.compare(&request.operation, trio, &self.targets.withheld);
    }

    /// Lets a request have its effect with everybody: asking anybody twice would change more than
    /// it did then, and without a second answer noise cannot be told from a difference.
    fn once(&self, request: &Recorded, tallies: &mut Tallies) {
        for (at, target) in self.targets.instances.iter().enumerate() {
            let is_last = at + 1 == self.targets.instances.len();
            let version = if is_last { Version::Candidate } else { Version::Deployed };
            ask(version, target, request, tallies);
        }
        tallies.left_out(ONCE);
    }

    /// Who gives the first and second answer of the version that is asked twice, and who the third
    /// one, of the other version.
    fn lane(&self, at: usize) -> Lane<'_> {
        let instances = &self.targets.instances;
        let version = |of: usize| {
            let is_last = of + 1 == instances.len();
            let version = if is_last { Version::Candidate } else { Version::Deployed };
            Lane::Asked(version, &instances[of])
        };
        match (self.targets.basis, at) {
            (Basis::Recorded, 2) => Lane::Recorded,
            (Basis::Recorded, _) => version(0),
            (Basis::TwoAsks, at) => version(at / 2),
            (Basis::TwoInstances, at) => version(at),
        }
    }
}

fn ask(version: Version, target: &Target, request: &Recorded, tallies: &mut Tallies) -> Answer {
    let (answer, took) = target.ask(request);
    if answer.status != 0 {
        tallies.took(version, took);
    }
    if !request.is_safe() {
        target.learn(request, &answer);
    }
    answer
}

fn recorded(request: &Recorded, tallies: &mut Tallies) -> Answer {
    if let Some(took) = request.took {
        tallies.took(Version::Deployed, took);
    }
    request.answer.clone().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, expected: Option<&str>) {
        assert_eq!(address(url).ok().as_deref(), expected, "{url}");
    }

    #[test]
    fn addresses_are_where_to_ask() {
        check("http://127.0.0.1:8080/", Some("http://127.0.0.1:8080"));
        check("https://api.example/base/", Some("https://api.example/base"));
        for url in ["", "api.example", "ftp://h", "http://", "http://h?q", "http://me:pw@h"] {
            check(url, None);
        }
        let told = address("http://me:hush@h").unwrap_err().to_string();
        assert!(!told.contains("hush"), "{told}");
    }
}
