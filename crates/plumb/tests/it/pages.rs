//! The dashboard in a real browser: every view in both schemes and widths, without a mouse, without
//! scripts, with nothing in it, and with nothing but hostile names.
//!
//! Refuses to know what a page holds beyond what every page must.

pub(crate) mod browser;
mod hostile;
mod kept;
mod shop;

use crate::daemon::Daemon;
use crate::sandbox::root;
use browser::{drive, drive_in, judged};
use hostile::hostile;
use shop::{plumb, shop, torn_shop};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder filled so, and a server that has judged it.
fn served(fill: fn(&Path)) -> (TempDir, Daemon) {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path());
    let daemon = Daemon::start(folder.path(), &[]);
    judged(&daemon);
    (folder, daemon)
}

/// The address of the file of `plumb report`.
fn report(folder: &Path) -> String {
    plumb(folder, &["report", "--html", "report.html"], 0);
    format!("file://{}", folder.join("report.html").display())
}

#[test]
fn every_view_is_whole_in_every_scheme_and_width() {
    let (_folder, daemon) = served(torn_shop);
    drive("views.mjs", &[&daemon.url()]);
}

#[test]
fn every_view_says_what_to_do_where_there_is_nothing() {
    let (_folder, daemon) = served(|_| {});
    drive("views.mjs", &[&daemon.url(), "empty"]);
}

#[test]
fn pages_need_no_mouse_and_no_script_and_follow_what_happens() {
    let (_folder, daemon) = served(shop);
    drive("keys.mjs", &[&daemon.url()]);
    drive("plain.mjs", &[&daemon.url()]);
    drive("follows.mjs", &[&daemon.url(), "9.9"]);
}

#[test]
fn a_report_needs_nothing_and_its_links_lead_somewhere() {
    let folder = tempfile::tempdir().unwrap();
    shop(folder.path());
    drive("report.mjs", &[&report(folder.path())]);
}

#[test]
fn hostile_names_are_only_shown() {
    let (folder, daemon) = served(hostile);
    drive("hostile.mjs", &[&daemon.url(), &report(folder.path())]);
}

#[test]
fn a_token_opens_the_pages_and_what_ends_it_closes_them() {
    let folder = tempfile::tempdir().unwrap();
    shop(folder.path());
    let token = |name: &str, right: &str| {
        plumb(folder.path(), &["token", "new", name, "--allow", right], 0).trim().to_owned()
    };
    let (read, ingest) = (token("reader", "read"), token("tap", "ingest"));
    let pki = root().join("crates/plumb-tap/tests/it/pki");
    let file = |name: &str| pki.join(name).to_str().unwrap().to_owned();
    let (cert, key) = (file("certificate.pem"), file("key.pem"));
    let daemon = Daemon::start(folder.path(), &["--tokens", "--cert", &cert, "--key", &key]);
    let base = format!("https://localhost:{}", daemon.address.port());
    let words = [base.as_str(), env!("CARGO_BIN_EXE_plumb"), &read, &ingest];
    drive_in(folder.path(), "login.mjs", &words);
    let audit = plumb(folder.path(), &["audit", "ls"], 0);
    assert!(audit.contains("logged-in") && audit.contains("logged-out"), "{audit}");
}

/// Pictures that the book shows, by name.
fn names(folder: &Path) -> BTreeSet<String> {
    let files = fs::read_dir(folder).unwrap();
    files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
}

/// `cargo xtask screenshots` keeps what this makes, and names a folder for the project that may be
/// seen in it.
#[test]
fn the_book_has_a_picture_of_every_view() {
    let (made, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let pictures = variable("PLUMB_PICTURES").unwrap_or_else(|| made.path().to_owned());
    let project = variable("PLUMB_PICTURES_OF").unwrap_or_else(|| other.path().to_owned());
    shop(&project);
    let daemon = Daemon::start(&project, &[]);
    judged(&daemon);
    drive("screenshots.mjs", &[&daemon.url(), pictures.to_str().unwrap()]);
    assert_eq!(names(&pictures), names(&root().join("docs/pages")));
}
