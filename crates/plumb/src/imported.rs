//! Mocks made of files that a person names, instead of a project's evidence.
//!
//! Refuses to know how an answer is chosen, and who calls.

use crate::failure::{Failure, outside, usage};
use crate::project::Project;
use crate::render::name;
use plumb_claims::mend::verbatim::Verbatim;
use plumb_claims::reading::Unread;
use plumb_engine::imports::{Imports, read_imports};
use plumb_engine::mock::Mock;
use plumb_engine::mock::import::{Import, Imported, as_seen, import};
use plumb_gap::evidence::Evidence;
use plumb_shape::claim::Claim;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// What files of mocks say.
#[derive(Debug)]
pub(crate) struct Said {
    claims: Vec<Arc<Claim>>,
    verbatim: Vec<Option<Verbatim>>,
    unread: Vec<Unread>,
    unnamed: String,
    keeps_values: bool,
    /// The mocks by dependency.
    pub(crate) mocks: BTreeMap<String, Mock>,
    /// What has no place in a mock.
    pub(crate) lost: Vec<String>,
    /// What mocks do otherwise than the tools that the files were written for.
    pub(crate) otherwise: Vec<String>,
}

impl Said {
    /// What would be seen of a dependency that answers just so.
    pub(crate) fn as_seen(&self, dependency: &str) -> Vec<Evidence> {
        as_seen(&self.import(), dependency)
    }

    fn import(&self) -> Import<'_> {
        let Self { claims, verbatim, unread, unnamed, keeps_values, .. } = self;
        Import { claims, verbatim, unread, unnamed, keeps_values: *keeps_values }
    }
}

/// Reads files of mocks and makes mocks of them: of the dependencies named, or of all.
///
/// # Errors
///
/// When a file cannot be read, or says nothing of what is wanted.
pub(crate) fn imported(
    project: &Project,
    paths: &[PathBuf],
    (dependencies, keeps_values): (&[String], bool),
) -> Result<Said, Failure> {
    if let Some(gone) = paths.iter().find(|path| !path.exists()) {
        return Err(outside(format!("`{}` is not there", gone.display()), None));
    }
    let Imports { mut claims, verbatim, unread } = read_imports(&project.folder, paths)?;
    for claim in &mut claims {
        if let Some(known) = claim.writer.as_deref().and_then(|host| project.name_of(host)) {
            claim.writer = Some(known);
        }
    }
    let mut said = Said {
        claims: claims.into_iter().map(Arc::new).collect(),
        verbatim,
        unread,
        unnamed: unnamed(paths, dependencies),
        keeps_values,
        mocks: BTreeMap::new(),
        lost: Vec::new(),
        otherwise: Vec::new(),
    };
    let Imported { mocks, lost, otherwise } = import(&said.import());
    (said.mocks, said.lost, said.otherwise) = (mocks, lost, otherwise);
    check(&said, paths, dependencies)?;
    if !dependencies.is_empty() {
        said.mocks.retain(|writer, _| dependencies.contains(writer));
    }
    Ok(said)
}

/// The dependency of what names none: the only one that is asked for, or what the file is called.
fn unnamed(paths: &[PathBuf], dependencies: &[String]) -> String {
    if let [one] = dependencies {
        return one.clone();
    }
    let stem = paths.first().and_then(|path| path.file_stem());
    stem.map_or_else(|| "mock".to_owned(), |stem| stem.to_string_lossy().into_owned())
}

/// Complains where nothing is said of what is wanted.
fn check(said: &Said, paths: &[PathBuf], dependencies: &[String]) -> Result<(), Failure> {
    let known: BTreeSet<&String> = said.mocks.keys().collect();
    if known.is_empty() {
        let shown: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        let why = said.lost.first().map(|why| format!(": {why}")).unwrap_or_default();
        return Err(usage(
            format!("no answer is said in `{}`{why}", shown.join("`, `")),
            "`plumb scan` lists what it reads, and what it does not",
        ));
    }
    match dependencies.iter().find(|wanted| !known.contains(wanted)) {
        None => Ok(()),
        Some(wanted) => {
            let known: Vec<String> = known.iter().map(|one| format!("`{}`", name(one))).collect();
            let help = format!("something is said of {}", known.join(", "));
            Err(usage(format!("nothing is said of `{}`", name(wanted)), help))
        }
    }
}
