//! What is said when plumb itself is wrong: where, and never with which values.
//!
//! Refuses to know what the program was doing.

use crate::failure::Code;
use crate::terminal::complain_plainly;
use std::panic::PanicHookInfo;

/// Tells of a bug and ends the process, so that no answer is given on top of it.
pub(crate) fn tell(info: &PanicHookInfo<'_>) {
    let (file, line) = place(info);
    complain_plainly(&text(&file, line));
    std::process::exit(Code::Bug as i32);
}

/// Tells of a bug while traffic flows: it goes on.
pub(crate) fn note(info: &PanicHookInfo<'_>) {
    let (file, line) = place(info);
    complain_plainly(&format!(
        "warning: plumb has a bug at {file}:{line}; an exchange is left out, traffic goes on\n"
    ));
}

/// Tells of a bug while others are served: one request gets no answer.
pub(crate) fn note_request(info: &PanicHookInfo<'_>) {
    let (file, line) = place(info);
    complain_plainly(&format!("warning: plumb has a bug at {file}:{line}; a request failed\n"));
}

/// Where it is; an empty file and line 0 if that is not known.
fn place(info: &PanicHookInfo<'_>) -> (String, u32) {
    info.location().map_or((String::new(), 0), |it| (file(it.file()), it.line()))
}

fn text(file: &str, line: u32) -> String {
    let place = if file.is_empty() { String::new() } else { format!(" at {file}:{line}") };
    format!(
        "error: plumb has a bug{place}; nothing was decided\n\
         help: report this line with the command, without the data it was about\n"
    )
}

/// The last parts of a path: where it was built is nobody's business.
fn file(path: &str) -> String {
    const PARTS: usize = 3;
    let parts: Vec<&str> = path.split(['/', '\\']).collect();
    let first = parts.len().saturating_sub(PARTS);
    parts.get(first..).unwrap_or_default().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bug_is_told_by_its_place_alone() {
        let told = text(&file("/a/b/crates/plumb-gap/src/report.rs"), 7);
        assert!(told.starts_with("error: plumb has a bug at plumb-gap/src/report.rs:7;"), "{told}");
        assert!(text("", 0).starts_with("error: plumb has a bug; "));
    }
}
