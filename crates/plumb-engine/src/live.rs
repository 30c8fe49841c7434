//! Live observation: exchanges are folded as they come and handed to a keeper as deltas, again and
//! again.
//!
//! A keeper that fails loses nothing: what could not be kept waits and goes out later, and a delta
//! of which nobody knows whether it was kept goes out again under the same identity. Refuses to
//! know where exchanges come from, who keeps them, and when to write.

use crate::backlogs::{self, Backlogs};
use crate::keeper::{KeepError, Keeper, Terms};
use crate::shelf::{self, ShelfError};
use crate::windows::entries;
use plumb_store::store::{Delta, Entry};
use plumb_traffic::backlog::Backlog;
use plumb_traffic::exchange::Exchange;
use plumb_traffic::fold::{Folds, NameOf, Origin};
use plumb_traffic::redact::Redaction;
use sha2::{Digest, Sha256};

/// What to observe for, and what is known about the exchanges.
pub struct Watch<'a> {
    /// Who keeps the evidence.
    pub keeper: Box<dyn Keeper + 'a>,
    /// The name of the source, for people.
    pub name: String,
    /// What is known of every exchange.
    pub origin: Origin,
    /// What is withheld.
    pub redaction: &'a Redaction,
    /// Gives a dependency's name to a host.
    pub name_of: NameOf<'a>,
}

/// How far live observation is, in exchanges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Kept.
    pub written: u64,
    /// Folded, and not kept yet.
    pub waiting: u64,
    /// Lost: they came before there was a key for the first time, or the key was replaced before
    /// they were kept.
    pub lost: u64,
}

/// Folds exchanges until it is told to write.
pub struct Live<'a> {
    watch: Watch<'a>,
    /// Makes the deltas of this run its own.
    run: [u8; 32],
    deltas: u64,
    folding: Option<Folding<'a>>,
    doubtful: Option<Doubtful>,
    progress: Progress,
    backlogs: Backlogs,
}

/// Folds under a key.
struct Folding<'a> {
    key_id: String,
    folds: Folds<'a>,
    exchanges: u64,
}

/// A delta that may or may not have been kept.
struct Doubtful {
    key_id: String,
    id: [u8; 32],
    received_ms: i64,
    entries: Vec<Entry>,
    exchanges: u64,
}

impl std::fmt::Debug for Watch<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Watch").field("name", &self.name).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Live<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Live").field("progress", &self.progress).finish_non_exhaustive()
    }
}

impl<'a> Live<'a> {
    /// Nothing seen yet. A keeper that has no key now is asked again with each [`Self::write`].
    ///
    /// # Errors
    ///
    /// When the system gives no random bytes.
    pub fn new(watch: Watch<'a>) -> Result<Self, ShelfError> {
        let mut live = Self {
            run: shelf::random()?,
            watch,
            deltas: 0,
            folding: None,
            doubtful: None,
            progress: Progress::default(),
            backlogs: Backlogs::new(),
        };
        if let Ok(terms) = live.watch.keeper.terms() {
            live.fold_for(terms);
        }
        Ok(live)
    }

    /// How far it is.
    #[must_use]
    pub const fn progress(&self) -> Progress {
        self.progress
    }

    /// Folds one exchange.
    pub fn observe(&mut self, exchange: &Exchange<'_>) {
        let Some(folding) = &mut self.folding else {
            self.progress.lost += 1;
            return;
        };
        folding.folds.observe(exchange);
        folding.exchanges += 1;
        self.progress.waiting += 1;
    }

    /// Notes how far a consumer is behind, for the next [`Self::write`].
    pub fn note(&mut self, backlog: &Backlog) {
        let environment = self.watch.origin.environment.as_deref().unwrap_or_default();
        backlogs::note(&mut self.backlogs, backlog, environment);
    }

    /// Hands what was folded and noted to the keeper.
    ///
    /// # Errors
    ///
    /// When the keeper fails. Nothing is lost then; the next call tries again.
    pub fn write(&mut self, now_ms: i64) -> Result<(), KeepError> {
        let terms = self.watch.keeper.terms()?;
        self.drop_other_keys(&terms.key_id);
        self.write_doubtful()?;
        backlogs::write(&mut *self.watch.keeper, &self.backlogs)?;
        self.backlogs.clear();
        if let Some(folding) = self.folding.take_if(|folding| folding.exchanges > 0) {
            self.doubtful = Some(Doubtful {
                key_id: folding.key_id,
                id: self.next_id(),
                received_ms: now_ms,
                entries: entries(&folding.folds.seal(), now_ms)?,
                exchanges: folding.exchanges,
            });
        }
        if self.folding.is_none() {
            self.fold_for(terms);
        }
        self.write_doubtful()
    }

    fn fold_for(&mut self, terms: Terms) {
        let Terms { key, key_id, timeline } = terms;
        let Watch { redaction, origin, name_of, .. } = &self.watch;
        let origin = Origin { timeline, ..origin.clone() };
        let folds = Folds::new(key, redaction.as_denied(), origin, *name_of);
        self.folding = Some(Folding { key_id, folds, exchanges: 0 });
    }

    /// Values hashed under another key than the one in force cannot be compared with anything.
    fn drop_other_keys(&mut self, key_id: &str) {
        let folding = self.folding.take_if(|folding| folding.key_id != key_id);
        let doubtful = self.doubtful.take_if(|delta| delta.key_id != key_id);
        let lost = folding.map_or(0, |it| it.exchanges) + doubtful.map_or(0, |it| it.exchanges);
        self.progress.lost += lost;
        self.progress.waiting -= lost;
    }

    fn write_doubtful(&mut self) -> Result<(), KeepError> {
        let Some(doubtful) = &mut self.doubtful else { return Ok(()) };
        let delta = Delta {
            id: doubtful.id,
            source: &self.watch.name,
            received_ms: doubtful.received_ms,
            entries: std::mem::take(&mut doubtful.entries),
        };
        let kept = self.watch.keeper.keep(&delta);
        doubtful.entries = delta.entries;
        kept?;
        self.progress.written += doubtful.exchanges;
        self.progress.waiting -= doubtful.exchanges;
        self.doubtful = None;
        Ok(())
    }

    fn next_id(&mut self) -> [u8; 32] {
        self.deltas += 1;
        let mut hasher = Sha256::new();
        hasher.update(self.run);
        hasher.update(self.deltas.to_le_bytes());
        hasher.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::{Scope, evidence};
    use crate::keeper::ShelfKeeper;
    use plumb_gap::evidence::Evidence;
    use plumb_traffic::exchange::{Body, Message};
    use std::fs;
    use std::path::Path;

    const NOW_MS: i64 = 1_795_262_400_000;

    fn live(store: &Path) -> Live<'static> {
        let watch = Watch {
            keeper: Box::new(ShelfKeeper::new(store.into())),
            name: "tap".to_owned(),
            origin: Origin::default(),
            redaction: Box::leak(Box::default()),
            name_of: &|_| None,
        };
        Live::new(watch).unwrap()
    }

    fn exchange(number: u16) -> Exchange<'static> {
        let body = format!("{{\"id\":{number},\"state\":\"s{}\"}}", number % 20);
        Exchange {
            time_ms: Some(NOW_MS + i64::from(number)),
            host: "orders.test".into(),
            method: "GET".into(),
            path: "/orders".into(),
            status: 200 + number % 2,
            response: Message { body: Body::Bytes(body.into_bytes().into()), ..Message::default() },
            ..Exchange::default()
        }
    }

    fn observe_all(live: &mut Live<'_>, numbers: std::ops::Range<u16>) {
        numbers.for_each(|number| live.observe(&exchange(number)));
    }

    fn seen(store: &Path) -> Vec<Evidence> {
        evidence(&shelf::open(&store.into()).unwrap(), &Scope::default()).unwrap()
    }

    #[track_caller]
    fn check_progress(live: &Live<'_>, written: u64, waiting: u64, lost: u64) {
        assert_eq!(live.progress(), Progress { written, waiting, lost });
    }

    #[test]
    fn writing_often_equals_writing_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut often = live(&folder.path().join("often"));
        for from in [0, 100, 300] {
            observe_all(&mut often, from..from + 100);
            often.write(NOW_MS).unwrap();
        }
        // Under the same key, or values would differ.
        let once = folder.path().join("once");
        fs::create_dir(&once).unwrap();
        fs::copy(folder.path().join("often/key"), once.join("key")).unwrap();
        let mut once = live(&once);
        for from in [300, 0, 100] {
            observe_all(&mut once, from..from + 100);
        }
        once.write(NOW_MS).unwrap();
        check_progress(&often, 300, 0, 0);
        check_progress(&once, 300, 0, 0);
        let [often, once] = ["often", "once"].map(|name| seen(&folder.path().join(name)));
        assert_eq!(often.len(), 1);
        assert_eq!(often[0].profile, once[0].profile);
    }

    #[test]
    fn a_shelf_that_cannot_be_opened_is_written_later() {
        let folder = tempfile::tempdir().unwrap();
        let (store, away) = (folder.path().join("store"), folder.path().join("away"));
        let mut live = live(&store);
        observe_all(&mut live, 0..10);
        fs::rename(&store, &away).unwrap();
        fs::write(&store, "in the way").unwrap();
        live.write(NOW_MS).unwrap_err();
        observe_all(&mut live, 10..20);
        live.write(NOW_MS).unwrap_err();
        check_progress(&live, 0, 20, 0);
        fs::remove_file(&store).unwrap();
        fs::rename(&away, &store).unwrap();
        live.write(NOW_MS).unwrap();
        live.write(NOW_MS).unwrap();
        check_progress(&live, 20, 0, 0);
        assert_eq!(seen(&store)[0].profile.total().count, 20);
    }

    #[test]
    fn what_was_folded_under_a_key_that_is_gone_is_counted_as_lost() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store");
        let mut live = live(&store);
        observe_all(&mut live, 0..10);
        fs::remove_dir_all(&store).unwrap();
        live.write(NOW_MS).unwrap();
        observe_all(&mut live, 0..5);
        live.write(NOW_MS).unwrap();
        check_progress(&live, 5, 0, 10);
        assert_eq!(seen(&store)[0].profile.total().count, 5);
    }

    #[test]
    fn nothing_is_kept_before_the_shelf_opens() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store");
        fs::write(&store, "in the way").unwrap();
        let mut live = live(&store);
        observe_all(&mut live, 0..3);
        fs::remove_file(&store).unwrap();
        live.write(NOW_MS).unwrap();
        observe_all(&mut live, 0..2);
        live.write(NOW_MS).unwrap();
        check_progress(&live, 2, 0, 3);
    }

    /// Whether a delta was written is not known after some failures: it goes out again and counts
    /// once.
    #[test]
    fn a_delta_in_doubt_counts_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut live = live(folder.path());
        observe_all(&mut live, 0..10);
        live.write(NOW_MS).unwrap();
        live.deltas -= 1;
        observe_all(&mut live, 0..10);
        live.write(NOW_MS).unwrap();
        assert_eq!(seen(folder.path())[0].profile.total().count, 10);
    }
}
