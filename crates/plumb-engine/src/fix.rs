//! Fixing: changes claims until they say what is seen, in memory.
//!
//! Works in rounds: judge, change what is wrong, read the changed files again, judge again. So what
//! is reported as mended is what the next `gap` will find, and no change is taken on trust. Writes
//! no file; refuses to know how findings are made and how a dialect writes an answer down.

use crate::scan::read_beside;
use plumb_claims::dialect;
use plumb_claims::mend::{Done, mend};
use plumb_claims::reading::SourceFile;
use plumb_gap::finding::{Cause, Finding, Verdict};
use plumb_gap::mending::{Mending, known_word, known_words, mending};
use plumb_gap::report::Report;
use plumb_gap::widening::Known;
use plumb_shape::change::{Change, Reach};
use plumb_shape::claim::{Claim, Dialect, Source};
use plumb_shape::literal::LiteralKey;
use plumb_shape::place::Place;
use plumb_shape::said::Said;
use plumb_shape::seen::Marginals;
use plumb_tree::Node;
use std::borrow::Cow;
use std::cell::LazyCell;
use std::cmp::Reverse;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Rounds at most. Each settles all changes that do not touch each other, and what a changed claim
/// newly shows; a mock that is wrong in more ways than this at one spot is to be recorded again.
const ROUNDS_MAX: usize = 16;

/// How often one finding may ask for changes: more means that they do not mend it.
const TRIES_MAX: usize = 4;

/// What to fix.
#[expect(missing_debug_implementations, reason = "it holds closures")]
pub struct Fix<'a> {
    /// The folder that was scanned.
    pub folder: &'a Path,
    /// The claims that were found in it.
    pub claims: &'a [Claim],
    /// Whether a claim is judged. Those that are not only give words.
    pub is_judged: &'a dyn Fn(&Claim) -> bool,
    /// Judges claims by the evidence.
    pub judge: &'a dyn Fn(&mut [Claim]) -> Report,
    /// The key under which the evidence holds literals.
    pub key: &'a LiteralKey,
    /// Whether a finding is to be mended.
    pub wants: &'a dyn Fn(&Finding) -> bool,
    /// New cases at most, those that most exchanges show first.
    pub cases_max: usize,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Fixed {
    /// The files that changed or are new, by path below the folder.
    pub files: BTreeMap<String, FixedFile>,
    /// How many changes were made to claims.
    pub changes: usize,
    /// How many cases were added.
    pub cases: usize,
    /// Findings that want a case of their own and got none.
    pub wanting: Vec<Stuck>,
    /// Findings that were not mended.
    pub stuck: Vec<Stuck>,
    /// What the evidence says before and after.
    pub reports: Option<(Report, Report)>,
}

/// A file before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedFile {
    /// Its text as it is on disk; `None` for a new file.
    pub before: Option<String>,
    /// Its text as it should be.
    pub after: String,
}

/// A finding that was not mended, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stuck {
    /// The finding's key.
    pub key: String,
    /// Why, in lower case without full stop.
    pub reason: String,
}

/// Changes the claims until nothing more can be mended.
#[must_use]
pub fn fix(asked: Fix<'_>) -> Fixed {
    let mut claims = Claims::new();
    for of_file in asked.claims.chunk_by(|one, two| one.source.file == two.source.file) {
        let file = of_file.first().map_or("", |one| &one.source.file);
        claims.entry(file.into()).or_default().extend(of_file.iter().map(Cow::Borrowed));
    }
    let mut fixing = Fixing {
        asked,
        claims,
        fixed: Fixed::default(),
        tried: BTreeMap::new(),
        refused: BTreeSet::new(),
        stuck: BTreeMap::new(),
    };
    let mut first = None;
    for _ in 0..ROUNDS_MAX {
        let report = fixing.judged();
        let wanted = fixing.wanted(&report);
        let is_done = !fixing.round(&wanted);
        first.get_or_insert(report);
        if is_done {
            break;
        }
    }
    let last = fixing.judged();
    fixing.finish(first.unwrap_or_default(), last)
}

/// Claims as they are now, by file: those that were found, and those that were read again.
type Claims<'a> = BTreeMap<PathBuf, Vec<Cow<'a, Claim>>>;

struct Fixing<'a> {
    asked: Fix<'a>,
    claims: Claims<'a>,
    fixed: Fixed,
    tried: BTreeMap<String, usize>,
    /// Findings, and the claims that have no room for what they ask.
    refused: BTreeSet<(String, Source)>,
    stuck: BTreeMap<String, String>,
}

/// A change and the finding that asks for it.
struct Wanted {
    key: String,
    change: Change,
}

impl Fixed {
    /// The bytes of a file as they should be, else as they are.
    fn bytes(&self, folder: &Path, path: &str) -> Option<Vec<u8>> {
        match self.files.get(path) {
            Some(file) => Some(file.after.clone().into_bytes()),
            None => read_beside(folder, path),
        }
    }
}

impl Fixing<'_> {
    fn judged(&self) -> Report {
        let judged = all(&self.claims).filter(|claim| (self.asked.is_judged)(claim));
        let mut claims: Vec<Claim> = judged.cloned().collect();
        (self.asked.judge)(&mut claims)
    }

    /// The changes that the findings ask for, new cases last.
    fn wanted(&mut self, report: &Report) -> Vec<Wanted> {
        // Both go through every claim, and mostly few findings ask, or none.
        let claims = &self.claims;
        let words = LazyCell::new(|| words(all(claims)));
        let said: LazyCell<BTreeMap<&Source, &Said>, _> =
            LazyCell::new(|| all(claims).map(|claim| (&claim.source, &claim.said)).collect());
        let mut wanted = Vec::new();
        let mut cases = Vec::new();
        for finding in &report.findings {
            if finding.verdict < Verdict::Drifted || !(self.asked.wants)(finding) {
                continue;
            }
            let key = finding.key();
            let tries = self.tried.get(&key).copied().unwrap_or_default();
            let word_at = |place: &Place| {
                let said = words.get(place)?.iter().copied();
                known_word(said, place, seen_of(&finding.cause)?, self.asked.key)
            };
            let words_at = |place: &Place| {
                let said = words.get(place).into_iter().flatten().copied();
                let seen = seen_of(&finding.cause);
                seen.map_or_else(BTreeSet::new, |seen| {
                    known_words(said, place, seen, self.asked.key)
                })
            };
            let said_by = |source: &Source| said.get(source).copied();
            let known = Known { word_at: &word_at, words_at: &words_at, said_by: &said_by };
            match mending(finding, known) {
                Mending::ByHand(reason) => drop(self.stuck.insert(key, reason.to_owned())),
                _ if tries >= TRIES_MAX => {
                    let reason = "the changes that were tried do not mend it".to_owned();
                    self.stuck.entry(key).or_insert(reason);
                }
                Mending::Changes(mut changes) => {
                    let is_refused =
                        |claim: &Source| self.refused.contains(&(key.clone(), claim.clone()));
                    changes.retain(|change| !is_refused(&change.claim));
                    let is_case = |change: &Change| change.reach == Reach::NewCase;
                    let (new, now): (Vec<_>, Vec<_>) = changes.into_iter().partition(is_case);
                    if now.is_empty() && !new.is_empty() {
                        cases.push((Reverse(finding.seen.count), key, new));
                    } else {
                        let now = now.into_iter();
                        wanted.extend(now.map(|change| Wanted { key: key.clone(), change }));
                    }
                }
            }
        }
        // Cases copy claims as they will be: first everything else is settled.
        if wanted.is_empty() {
            cases.sort_by(|one, two| (&one.0, &one.1).cmp(&(&two.0, &two.1)));
            let room = self.asked.cases_max.saturating_sub(self.fixed.cases);
            for (_, key, changes) in cases.into_iter().take(room) {
                self.tried.insert(key.clone(), TRIES_MAX);
                let changes = changes.into_iter();
                wanted.extend(changes.map(|change| Wanted { key: key.clone(), change }));
            }
        }
        wanted
    }

    /// Makes the changes; whether any was made.
    fn round(&mut self, wanted: &[Wanted]) -> bool {
        let mut by_file: BTreeMap<&str, Vec<&Wanted>> = BTreeMap::new();
        for one in wanted {
            *self.tried.entry(one.key.clone()).or_default() += 1;
            match refused(one.change.claim.dialect) {
                Some(reason) => {
                    self.refused.insert((one.key.clone(), one.change.claim.clone()));
                    self.stuck.insert(one.key.clone(), reason.to_owned());
                }
                None => by_file.entry(&one.change.claim.file).or_default().push(one),
            }
        }
        let mut is_any = false;
        for (path, wanted) in by_file {
            is_any |= self.mend_file(path, &wanted);
        }
        is_any
    }

    fn mend_file(&mut self, path: &str, wanted: &[&Wanted]) -> bool {
        let (folder, fixed) = (self.asked.folder, &self.fixed);
        let Some(bytes) = fixed.bytes(folder, path) else { return false };
        let changes: Vec<&Change> = wanted.iter().map(|one| &one.change).collect();
        let file = SourceFile { path, bytes: &bytes };
        let mended = mend(&file, &changes, &|other| fixed.bytes(folder, other));
        let done = || wanted.iter().zip(&mended.done);
        let taken = done().filter(|(_, done)| !matches!(done, Done::Refused(_)));
        let taken: BTreeSet<&str> = taken.map(|(one, _)| one.key.as_str()).collect();
        for (one, done) in done() {
            match done {
                Done::Written if one.change.reach == Reach::NewCase => self.fixed.cases += 1,
                Done::Written => self.fixed.changes += 1,
                Done::Later => {
                    self.tried.entry(one.key.clone()).and_modify(|tries| *tries -= 1);
                }
                Done::Refused(reason) => {
                    self.refused.insert((one.key.clone(), one.change.claim.clone()));
                    // Where a finding speaks of several claims, not all of them may say it.
                    if !taken.contains(one.key.as_str()) {
                        self.stuck.insert(one.key.clone(), reason.clone());
                    }
                }
            }
        }
        let is_any = !mended.files.is_empty();
        for (path, after) in mended.files {
            match self.fixed.files.entry(path) {
                Entry::Occupied(mut known) => known.get_mut().after = after,
                Entry::Vacant(new) => {
                    let before = fs::read_to_string(self.asked.folder.join(new.key())).ok();
                    new.insert(FixedFile { before, after });
                }
            }
        }
        if is_any {
            self.read_again(path, &mended.documents);
        }
        is_any
    }

    /// Reads the claims of a changed file, and of every new one, from the text as it should be; of
    /// the file itself its documents may be known.
    fn read_again(&mut self, path: &str, documents: &[Node]) {
        let (folder, fixed) = (self.asked.folder, &self.fixed);
        let is_new = |(_, file): &(&String, &FixedFile)| file.before.is_none();
        let new = fixed.files.iter().filter(is_new).map(|(path, _)| path.as_str());
        for other in new.chain([path]) {
            let Some(bytes) = fixed.bytes(folder, other) else { continue };
            let file = SourceFile { path: other, bytes: &bytes };
            let beside = |other: &str| fixed.bytes(folder, other);
            let reading = match other == path && !documents.is_empty() {
                true => dialect::read_documents(&file, documents, &beside),
                false => dialect::read(&file, &beside),
            };
            let claims = reading.claims.into_iter().map(Cow::Owned).collect();
            self.claims.insert(PathBuf::from(other), claims);
        }
    }

    fn finish(mut self, first: Report, last: Report) -> Fixed {
        let open = last.findings.iter().filter(|one| one.verdict >= Verdict::Drifted);
        for finding in open.filter(|finding| (self.asked.wants)(finding)) {
            let key = finding.key();
            if self.fixed.stuck.iter().any(|told| told.key == key) {
                continue;
            }
            match self.stuck.remove(&key) {
                Some(reason) => self.fixed.stuck.push(Stuck { key, reason }),
                None => {
                    let reason = finding.seen.text.clone();
                    self.fixed.wanting.push(Stuck { key, reason });
                }
            }
        }
        self.fixed.reports = Some((first, last));
        self.fixed
    }
}

/// Every claim, file by file.
fn all<'a>(claims: &'a Claims<'_>) -> impl Iterator<Item = &'a Claim> {
    claims.values().flatten().map(AsRef::as_ref)
}

/// Why claims of a dialect are not changed here, if they are not.
const fn refused(dialect: Dialect) -> Option<&'static str> {
    match dialect {
        Dialect::Kombu => Some("messages are what a producer wrote: record the queue again"),
        Dialect::GraphQl => Some(
            "an operation is what its client asks for: change what the client reads, and \
                  fetch the schema again",
        ),
        Dialect::Example | Dialect::JsonSchema => {
            Some("files that the configuration names are not edited: change them by hand")
        }
        Dialect::WireMock
        | Dialect::OpenApi
        | Dialect::GripMock
        | Dialect::Msw
        | Dialect::Nock
        | Dialect::Apollo
        | Dialect::Pact
        | Dialect::Vcr
        | Dialect::Vcrpy
        | Dialect::Har
        | Dialect::Polly
        | Dialect::Hoverfly
        | Dialect::Keploy
        | Dialect::Mountebank
        | Dialect::Postman
        | Dialect::Bruno
        | Dialect::Insomnia => None,
    }
}

const fn seen_of(cause: &Cause) -> Option<&std::sync::Arc<Marginals>> {
    match cause {
        Cause::Difference { seen, .. } | Cause::StatusNew { seen, .. } => Some(seen),
        Cause::StatusGone { .. } | Cause::Contradiction => None,
    }
}

/// The words that claims say at each place.
fn words<'a>(claims: impl Iterator<Item = &'a Claim>) -> BTreeMap<&'a Place, BTreeSet<&'a String>> {
    let mut words: BTreeMap<&Place, BTreeSet<&String>> = BTreeMap::new();
    for claim in claims {
        for (place, expected) in &claim.said.places {
            if let Some(said) = &expected.words {
                words.entry(place).or_default().extend(said);
            }
        }
    }
    words
}
