//! Projects: each with a shelf, a key and a quota of its own. Nothing ever passes from one to
//! another.
//!
//! Refuses to know who may use them.

use crate::answer::{Refusal, later, refusal};
use axum::http::StatusCode;
use plumb_engine::clock::day_of;
use plumb_engine::inventory;
use plumb_engine::location::Location;
use plumb_engine::shelf::{self, Shelf, ShelfError};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Projects beside the server's own. Each holds a store open.
const PROJECTS_MAX: usize = 256;

/// Letters of a project's name, which is a folder's name too.
const NAME_BYTES_MAX: usize = 64;

/// The folder, below the server's own, that holds the other projects.
const PROJECTS_FOLDER: &str = "projects";

/// How long a project's windows are taken to be as many as they were when last counted.
const COUNTED_FOR_MS: i64 = 60_000;

/// How much a project may bring and keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Bytes of deltas in a day (UTC), without compression.
    pub bytes_per_day: u64,
    /// Windows kept: one for each seam, version, environment and day.
    pub windows: u64,
}

/// A project, open.
#[derive(Debug)]
pub(crate) struct Project {
    /// Its name, for labels; empty for the server's own.
    pub(crate) name: String,
    /// Where its evidence is kept.
    pub(crate) location: Location,
    shelf: Mutex<Shelf>,
    spent: Mutex<Spent>,
    /// Counts what changed the evidence, so that it is judged again.
    pub(crate) changes: AtomicU64,
}

#[derive(Debug, Default)]
struct Spent {
    day: i32,
    bytes: u64,
    windows: u64,
    counted_ms: Option<i64>,
}

/// All projects of a server.
#[derive(Debug)]
pub(crate) struct Projects {
    pub(crate) own: Arc<Project>,
    others: Mutex<BTreeMap<String, Arc<Project>>>,
    quota: Quota,
}

impl Projects {
    /// Opens the server's own project.
    pub(crate) fn open(location: Location, quota: Quota) -> Result<Self, ShelfError> {
        let own = Arc::new(open(String::new(), location)?);
        Ok(Self { own, others: Mutex::default(), quota })
    }

    /// The project of this name; none means the server's own. It is made when it is not there: only
    /// tokens name projects, and whoever is on this machine.
    pub(crate) fn named(&self, name: Option<&str>) -> Result<Arc<Project>, Refusal> {
        let Some(name) = name else { return Ok(Arc::clone(&self.own)) };
        if !is_name(name) {
            return Err(refusal(
                StatusCode::BAD_REQUEST,
                "the project's name is none",
                "use lower-case letters, digits and `-`, at most 64",
            ));
        }
        let mut others = lock(&self.others);
        if let Some(known) = others.get(name) {
            return Ok(Arc::clone(known));
        }
        if others.len() >= PROJECTS_MAX {
            return Err(refusal(
                StatusCode::INSUFFICIENT_STORAGE,
                format!("there are {PROJECTS_MAX} projects already"),
                "start another server",
            ));
        }
        let Location::Folder(folder) = &self.own.location else {
            return Err(refusal(
                StatusCode::NOT_IMPLEMENTED,
                "a server whose store is a database keeps one project only",
                "start another server, with a database of its own",
            ));
        };
        let location = Location::Folder(folder.join(PROJECTS_FOLDER).join(name));
        let project = Arc::new(open(name.to_owned(), location).map_err(|err| failed(&err))?);
        others.insert(name.to_owned(), Arc::clone(&project));
        Ok(project)
    }

    /// Every project that is open.
    pub(crate) fn all(&self) -> Vec<Arc<Project>> {
        let others = lock(&self.others);
        std::iter::once(&self.own).chain(others.values()).map(Arc::clone).collect()
    }

    /// Whether the project may bring so many bytes more; counts them if so.
    pub(crate) fn spend(
        &self,
        project: &Project,
        bytes: usize,
        now_ms: i64,
    ) -> Result<(), Refusal> {
        let mut spent = lock(&project.spent);
        let day = day_of(now_ms);
        if spent.day != day {
            (spent.day, spent.bytes) = (day, 0);
        }
        let is_counted = spent.counted_ms.is_some_and(|at| (now_ms - at).abs() < COUNTED_FOR_MS);
        if !is_counted {
            let extent = inventory::extent(&project.shelf()).map_err(|err| failed(&err))?;
            (spent.windows, spent.counted_ms) = (extent.windows, Some(now_ms));
        }
        if spent.windows > self.quota.windows {
            return Err(later(
                StatusCode::TOO_MANY_REQUESTS,
                "the project keeps as many windows as it may",
                "shorten the retention, raise `--quota-windows`, or prune",
                3_600,
            ));
        }
        let bytes = spent.bytes.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        if bytes > self.quota.bytes_per_day {
            return Err(later(
                StatusCode::TOO_MANY_REQUESTS,
                "the project has brought as many bytes today as it may",
                "wait for tomorrow (UTC), or raise `--quota-bytes`",
                3_600,
            ));
        }
        spent.bytes = bytes;
        Ok(())
    }
}

impl Project {
    /// The shelf, for one at a time.
    pub(crate) fn shelf(&self) -> MutexGuard<'_, Shelf> {
        lock(&self.shelf)
    }

    /// Says that the evidence is not what it was.
    pub(crate) fn changed(&self) {
        self.changes.fetch_add(1, Ordering::Relaxed);
    }
}

/// A shelf that failed, as an answer: what a collector holds is not lost, so it may try again.
pub(crate) fn failed(err: &ShelfError) -> Refusal {
    let status = match err {
        ShelfError::Store(plumb_store::store::StoreError::Full { .. }) => {
            StatusCode::INSUFFICIENT_STORAGE
        }
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    later(status, &format!("the store failed: {err}"), "it is tried again; see the server's log", 5)
}

fn open(name: String, location: Location) -> Result<Project, ShelfError> {
    let shelf = Mutex::new(shelf::open(&location)?);
    Ok(Project { name, location, shelf, spent: Mutex::default(), changes: AtomicU64::new(1) })
}

/// A panic while it was held has left a store that undoes what was begun.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_name(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !name.is_empty() && name.len() <= NAME_BYTES_MAX && name.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_MS: i64 = 86_400_000;

    fn projects(quota: Quota) -> (tempfile::TempDir, Projects) {
        let folder = tempfile::tempdir().unwrap();
        let projects = Projects::open(folder.path().into(), quota).unwrap();
        (folder, projects)
    }

    #[test]
    fn a_day_s_bytes_are_bounded() {
        let (_folder, projects) = projects(Quota { bytes_per_day: 100, windows: 0 });
        let spend = |bytes, at| projects.spend(&projects.own, bytes, at).is_ok();
        assert!(spend(60, 0) && spend(40, 1));
        assert!(!spend(1, 2));
        assert!(spend(100, DAY_MS));
    }

    #[test]
    fn projects_are_apart_and_names_are_names() {
        let (folder, projects) = projects(Quota { bytes_per_day: 1, windows: 1 });
        let other = projects.named(Some("checkout")).unwrap();
        assert_ne!(other.shelf().key_id, projects.own.shelf().key_id);
        assert_eq!(projects.all().len(), 2);
        assert!(projects.named(None).unwrap().name.is_empty());
        for name in ["", "..", "a/b", "A", &"a".repeat(65)] {
            assert!(projects.named(Some(name)).is_err(), "{name}");
        }
        assert_eq!(std::fs::read_dir(folder.path().join("projects")).unwrap().count(), 1);
    }
}
