//! The dashboard in a real browser: every view in both schemes and widths, without a mouse, without
//! scripts, with nothing in it, and with nothing but hostile names.
//!
//! Refuses to know what a page holds beyond what every page must.

mod browser;
mod hostile;
mod kept;
mod shop;

use crate::daemon::Daemon;
use browser::{drive, judged};
use hostile::hostile;
use shop::{plumb, shop};
use std::path::Path;
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
    let (_folder, daemon) = served(shop);
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
