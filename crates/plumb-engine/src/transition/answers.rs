//! Whether a version takes what another one writes: from what somebody says, from contracts, from
//! samples, from evidence, in this order.
//!
//! What nothing says is unobserved, but for the two versions that run side by side now.

use crate::contracts::{Place, compare, gather};
use crate::transition::documents::{Samples, is_samples};
use crate::transition::error::TransitionError;
use crate::transition::known::Known;
use crate::transition::rehearsed::Rehearsed;
use crate::transition::said::{Said, SaidPair, SaidSeam, Way};
use crate::transition::samples::Reader;
use crate::transition::told::told;
use crate::versions::{Versions, changes, known};
use plumb_contract::change::{Change, Direction, Grade};
use plumb_contract::compare::Asked as Comparing;
use plumb_contract::protobuf;
use plumb_plan::transition::{Answer, Basis, Component, Meeting, Pair};
use plumb_schema::answer::Reading;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What is asked: two versions that meet at one way of a seam.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) said: &'a SaidSeam,
    /// Which way of a call; `None` where there is one only.
    pub(super) way: Option<Way>,
    pub(super) meeting: Meeting,
}

impl Asked<'_> {
    /// The versions of what the file calls writer or client, and reader or server.
    const fn versions(&self) -> (usize, usize) {
        let Meeting { written, reading } = self.meeting;
        match self.way {
            Some(Way::Answer) => (reading, written),
            _ => (written, reading),
        }
    }
}

/// Finds answers, and remembers what it has read.
pub(super) struct Answers<'a> {
    folder: &'a Path,
    known: &'a Known<'a>,
    components: &'a [Component],
    rehearsals: &'a [Rehearsed],
    compared: BTreeMap<(PathBuf, PathBuf, bool), Vec<Change>>,
    samples: BTreeMap<PathBuf, Samples>,
    readers: BTreeMap<PathBuf, Reader>,
}

impl<'a> Answers<'a> {
    pub(super) const fn new(
        folder: &'a Path,
        known: &'a Known<'a>,
        (components, rehearsals): (&'a [Component], &'a [Rehearsed]),
    ) -> Self {
        Self {
            folder,
            known,
            components,
            rehearsals,
            compared: BTreeMap::new(),
            samples: BTreeMap::new(),
            readers: BTreeMap::new(),
        }
    }

    /// The answer, and how it is known.
    pub(super) fn pair(&mut self, asked: &Asked<'_>) -> Result<Pair, TransitionError> {
        if let Some(pair) = declared(asked) {
            return Ok(pair);
        }
        let found = match asked.way {
            Some(_) => self.of_call(asked)?,
            None => self.of_data(asked)?,
        };
        let runs_now = asked.meeting == Meeting { written: 0, reading: 0 };
        let assumed = || told(Answer::Yes, Basis::Assumed, "both run side by side now");
        let nothing = || told(Answer::Unobserved, Basis::Nothing, "nothing was seen or said of it");
        Ok(found.unwrap_or_else(|| if runs_now { assumed() } else { nothing() }))
    }

    /// A client was built against one version of its server, and meets another one.
    fn of_call(&mut self, asked: &Asked<'_>) -> Result<Option<Pair>, TransitionError> {
        if let Some(pair) = self.rehearsed(asked) {
            return Ok(Some(pair));
        }
        let (client, server) = asked.versions();
        let Some(built) = asked.said.built_against.get(&client) else { return Ok(None) };
        if *built == server {
            return Ok(Some(told(Answer::Yes, Basis::Assumed, "it was built against it")));
        }
        let offers = |version: &usize| asked.said.reads.get(version).cloned();
        let wanted = match asked.way {
            Some(Way::Answer) => Direction::NewWrites,
            _ => Direction::OldWrites,
        };
        if let (Some(old), Some(new)) = (offers(built), offers(&server)) {
            let changes = self.compare(old, new, false)?;
            let matter =
                |one: &&Change| one.direction == wanted || one.direction == Direction::Both;
            return Ok(Some(decided(changes.iter().filter(matter), Basis::Decided)));
        }
        Ok(match asked.way {
            Some(Way::Answer) if asked.said.kind == Said::Calls => {
                self.seen(asked.said.reader, (*built, server))
            }
            _ => None,
        })
    }

    /// What a rehearsal says of an application and a schema: the version that is wanted is the new
    /// one there, all before it are old ones.
    fn rehearsed(&self, asked: &Asked<'_>) -> Option<Pair> {
        let (client, server) = asked.versions();
        let last = self.components[asked.said.writer].versions.len() - 1;
        let is_new = last > 0 && client == last;
        let moved_to = if is_new { server + 1 } else { server };
        let is_it = |one: &&Rehearsed| {
            asked.said.kind == Said::Statements
                && (one.component, one.version) == (asked.said.reader, moved_to)
        };
        let rehearsed = self.rehearsals.iter().find(is_it)?;
        if is_new { rehearsed.new_with_old() } else { rehearsed.old_with_new() }
    }

    /// What two versions of a component were seen to write.
    fn seen(&self, component: usize, (old, new): (usize, usize)) -> Option<Pair> {
        let Component { name, versions, .. } = &self.components[component];
        let both = Versions { component: name, old: &versions[old], new: &versions[new] };
        let seen = known(self.known.evidence, name);
        if !seen.contains(both.old) || !seen.contains(both.new) {
            return None;
        }
        let found = changes(self.known.evidence, both, self.known.policy, self.known.key);
        let written = found.iter().map(|one| &one.change);
        let written = written.filter(|one| one.direction != Direction::OldWrites);
        Some(decided(written, Basis::Observed))
    }

    /// Data that somebody wrote and somebody else reads, by a contract or by samples.
    fn of_data(&mut self, asked: &Asked<'_>) -> Result<Option<Pair>, TransitionError> {
        let Meeting { written, reading } = asked.meeting;
        let writes = asked.said.writes.get(&written).cloned();
        let reads = asked.said.reads.get(&reading).cloned();
        let (Some(writes), Some(reads)) = (writes, reads) else { return Ok(None) };
        if is_samples(&writes) {
            return self.of_samples(&writes, &reads).map(Some);
        }
        let changes = self.compare(reads, writes, true)?;
        Ok(Some(decided(changes.iter(), Basis::Decided)))
    }

    fn of_samples(&mut self, writes: &Path, reads: &Path) -> Result<Pair, TransitionError> {
        let (writes, reads) = (self.folder.join(writes), self.folder.join(reads));
        if !self.samples.contains_key(&writes) {
            self.samples.insert(writes.clone(), Samples::read(&writes)?);
        }
        if !self.readers.contains_key(&reads) {
            self.readers.insert(reads.clone(), Reader::read(&reads)?);
        }
        Ok(self.readers[&reads].takes(&self.samples[&writes]))
    }

    fn compare(
        &mut self,
        old: PathBuf,
        new: PathBuf,
        is_data: bool,
    ) -> Result<&[Change], TransitionError> {
        let key = (old, new, is_data);
        if !self.compared.contains_key(&key) {
            let at = |path: &Path| gather(&Place::Disk(self.folder.join(path)));
            let found = compare(&at(&key.0)?, &at(&key.1)?, &comparing(is_data)).compared;
            if let Some(unread) = found.unread.first() {
                let (path, what) = (key.1.clone(), unread.reason.clone());
                return Err(TransitionError::Document { path, what });
            }
            self.compared.insert(key.clone(), found.changes);
        }
        Ok(&self.compared[&key])
    }
}

/// What somebody writes is read by whoever reads, or clients go on as they were.
fn comparing(is_data: bool) -> Comparing {
    Comparing {
        reading: Reading::MustIgnore,
        flow: if is_data { Direction::NewWrites } else { Direction::Both },
        protobuf: protobuf::Reading::Wire,
        today: None,
    }
}

fn declared(asked: &Asked<'_>) -> Option<Pair> {
    let (writer, reader) = asked.versions();
    let is_meant = |one: &&SaidPair| {
        one.writer.is_none_or(|version| version == writer)
            && one.reader.is_none_or(|version| version == reader)
            && (one.way.is_none() || one.way == asked.way)
    };
    // What is said later is said with what came before in mind.
    let said = asked.said.pairs.iter().rev().find(is_meant)?;
    Some(told(said.answer, Basis::Declared, &said.because))
}

/// One answer from changes: a break is a no, and what nobody can tell is never a yes.
fn decided<'c>(changes: impl Iterator<Item = &'c Change>, basis: Basis) -> Pair {
    let mut worst: Option<&Change> = None;
    let mut more = 0_usize;
    for change in changes.filter(|change| change.grade != Grade::Safe) {
        match worst {
            Some(known) if known.grade < change.grade => {}
            Some(known) if known.grade == change.grade => more += 1,
            _ => (worst, more) = (Some(change), 0),
        }
    }
    let Some(change) = worst else { return told(Answer::Yes, basis, "") };
    let answer = if change.grade == Grade::Breaking { Answer::No } else { Answer::Unobserved };
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    let place = [change.subject.as_str(), change.place.as_str()].join(" ");
    told(answer, basis, &format!("{}: {}{more}", place.trim(), change.reason))
}
