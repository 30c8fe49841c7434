//! `plumb init`: a first configuration.

use crate::answer::next;
use crate::arguments::Global;
use crate::failure::{Code, Failure, usage};
use crate::project::project;
use crate::render::name;
use crate::terminal::Terminal;
use crate::weigh::scan_folder;
use plumb_engine::files;
use plumb_engine::starter::starter;
use std::collections::BTreeSet;

pub(crate) fn init(global: &Global, terminal: Terminal) -> Result<Code, Failure> {
    let project = project(global)?;
    let path = &project.file;
    if path.exists() {
        let text = format!("`{}` is there already", path.display());
        return Err(usage(text, "`plumb config show --origin` tells what is in force"));
    }
    let scanned = scan_folder(&project, &project.folder, BTreeSet::new(), terminal)?;
    let text = starter(&project.config.project, &scanned.claims);
    files::write_whole(path, text.as_bytes())?;
    terminal.note(&format!("{} written\n", name(&path.display().to_string())));
    next(terminal, "plumb scan");
    Ok(Code::Pass)
}
