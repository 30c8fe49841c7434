//! HAProxy, spoken to through its runtime API: weights of servers in one backend.
//!
//! Refuses to change the configuration's file: what is set this way is gone when HAProxy is
//! started anew, and read-back shows it.

pub mod tables;
mod weights;

use crate::driver::{Counts, Driver, Told, Wanted};
use crate::haproxy::tables::{Server, servers, totals};
use crate::haproxy::weights::{Arms, Order, Pair, order, pair, share};
use crate::socket::{At, ask};
use crate::trouble::Trouble;

/// A backend whose servers are one version or the other.
#[derive(Clone, Debug)]
pub struct Haproxy {
    at: At,
    backend: String,
    canary: Vec<String>,
    control: Vec<String>,
}

/// Characters of a name; HAProxy's own configuration has shorter lines.
const NAME_CHARS_MAX: usize = 256;

/// Servers of one version in a backend. Each costs a line of commands, and weights of more of them
/// are too coarse to divide by.
const SERVERS_MAX: usize = 64;

const STATIC_HELP: &str = "balance by `roundrobin`, `leastconn`, or a hash with `hash-type \
                           consistent`; a static algorithm takes all or nothing only";

impl Haproxy {
    /// A backend and the names of its servers, by version.
    ///
    /// # Errors
    /// [`Trouble::Setup`] when a name is none, or no server stands on a side.
    pub fn new(at: At, backend: String, arms: (Vec<String>, Vec<String>)) -> Result<Self, Trouble> {
        let (canary, control) = arms;
        let haproxy = Self { at, backend, canary, control };
        let who = haproxy.name();
        let count = [haproxy.canary.len(), haproxy.control.len()];
        if count.iter().any(|count| !(1..=SERVERS_MAX).contains(count)) {
            let why = format!("each version has from 1 to {SERVERS_MAX} servers");
            return Err(Trouble::setup(&who, &why, "name them under `[driver]`"));
        }
        let names = [&haproxy.backend].into_iter().chain(&haproxy.canary).chain(&haproxy.control);
        for name in names {
            if !is_name(name) {
                let why = format!("`{name}` is no name that HAProxy takes");
                return Err(Trouble::setup(
                    &who,
                    &why,
                    "write letters, digits, `-`, `_`, `.`, `:`",
                ));
            }
        }
        if haproxy.canary.iter().any(|name| haproxy.control.contains(name)) {
            let help = "name each server once";
            return Err(Trouble::setup(&who, "a server stands on both sides", help));
        }
        Ok(haproxy)
    }

    fn ask(&self, command: &str) -> Result<String, Trouble> {
        ask(&self.at, command).map_err(|err| Trouble::away(&self.name(), err))
    }

    /// The servers of both sides, as HAProxy knows them now.
    fn servers(&self) -> Result<[Vec<Server>; 2], Trouble> {
        let answer = self.ask(&format!("show servers state {}", self.backend))?;
        let who = self.name();
        if answer.trim_start().starts_with("Can't find backend") {
            let why = format!("there is no backend `{}`", self.backend);
            return Err(Trouble::setup(&who, &why, "name one that HAProxy has"));
        }
        let known = servers(&answer).map_err(|why| Trouble::unread(&who, why))?;
        let side = |names: &[String]| {
            let found = names.iter().map(|name| {
                let server = known.iter().find(|server| server.name == *name).cloned();
                server.ok_or_else(|| {
                    let why = format!("there is no server `{name}` in `{}`", self.backend);
                    Trouble::setup(&who, &why, "name servers that the backend has")
                })
            });
            found.collect::<Result<Vec<_>, _>>()
        };
        Ok([side(&self.canary)?, side(&self.control)?])
    }

    fn arms(&self) -> Arms {
        let count = |names: &[String]| u32::try_from(names.len()).unwrap_or(u32::MAX);
        Arms { canary: count(&self.canary), control: count(&self.control) }
    }

    /// Gives every server of a side a weight: its own from the configuration where that is asked
    /// for all or nothing, since algorithms that are static take no other.
    fn weigh(&self, side: &[Server], weight: u32, is_end: bool) -> Result<(), Trouble> {
        for server in side {
            let weight =
                if is_end && weight > 0 && server.initial > 0 { server.initial } else { weight };
            let answer =
                self.ask(&format!("set weight {}/{} {weight}", self.backend, server.name))?;
            if !answer.trim().is_empty() {
                let help = if answer.contains("static") {
                    STATIC_HELP
                } else {
                    "give the socket `level admin`, and see that names are right"
                };
                return Err(Trouble::refused(&self.name(), &answer, help));
            }
        }
        Ok(())
    }
}

impl Driver for Haproxy {
    fn name(&self) -> String {
        let at = match &self.at {
            At::Socket(path) => path.display().to_string(),
            At::Port(address) => address.clone(),
        };
        format!("haproxy at `{at}`, backend `{}`", self.backend)
    }

    fn nearest(&self, ppm: u32) -> u32 {
        share(&self.arms(), pair(&self.arms(), ppm))
    }

    fn set(&mut self, wanted: &Wanted) -> Result<(), Trouble> {
        let [canary, control] = self.servers()?;
        let new = pair(&self.arms(), wanted.ppm);
        let sum = |side: &[Server]| side.iter().map(|server| server.weight).sum::<u32>();
        let old = Pair { canary: sum(&canary), control: sum(&control) };
        let is_end = new.canary == 0 || new.control == 0;
        let sides = [(&canary, new.canary), (&control, new.control)];
        let sides = match order(&self.arms(), old, new) {
            Order::CanaryFirst => sides,
            Order::ControlFirst => [sides[1], sides[0]],
        };
        for (side, weight) in sides {
            self.weigh(side, weight, is_end)?;
        }
        Ok(())
    }

    fn read(&mut self) -> Result<Told, Trouble> {
        let [canary, control] = self.servers()?;
        let sum = |side: &[Server]| side.iter().map(|server| server.weight).sum::<u32>();
        let (one, other) = (u64::from(sum(&canary)), u64::from(sum(&control)));
        let ppm = (one * u64::from(crate::driver::WHOLE_PPM) + (one + other) / 2)
            .checked_div(one + other)
            .and_then(|ppm| u32::try_from(ppm).ok());
        let mut notes: Vec<String> = canary
            .iter()
            .chain(&control)
            .filter(|server| !server.is_running)
            .map(|server| format!("server `{}/{}` is not up", self.backend, server.name))
            .collect();
        if ppm.is_none() {
            notes.push(format!("no server of `{}` has any weight", self.backend));
        }
        let stat = self.ask(&format!("show stat {} 4 -1", self.backend))?;
        let totals = totals(&stat).map_err(|why| Trouble::unread(&self.name(), why))?;
        let of = |names: &[String]| -> u64 {
            let found = totals.iter().filter(|(name, _)| names.contains(name));
            found.map(|(_, total)| *total).fold(0, u64::saturating_add)
        };
        let counts = Counts { canary: of(&self.canary), control: of(&self.control) };
        Ok(Told { ppm, counts: Some(counts), notes })
    }
}

/// Names reach HAProxy between spaces and slashes, on a line that ends a command.
fn is_name(name: &str) -> bool {
    let is_fine = |letter: u8| letter.is_ascii_alphanumeric() || b"-_.:".contains(&letter);
    !name.is_empty() && name.len() <= NAME_CHARS_MAX && name.bytes().all(is_fine)
}
