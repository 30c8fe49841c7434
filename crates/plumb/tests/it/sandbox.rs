//! Runs the command in a folder and an environment of its own.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

/// One run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) args: &'a [&'a str],
    pub(crate) variables: &'a [(String, String)],
    pub(crate) stdin: &'a [u8],
}

/// Runs the command with nothing of the environment but what the run names.
pub(crate) fn run(run: &Run<'_>) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_plumb"))
        .args(run.args)
        .current_dir(run.folder)
        .env_clear()
        .env("LANG", "C.UTF-8")
        .env("HOME", run.folder.join("home"))
        .env("TMPDIR", std::env::temp_dir())
        .envs(run.variables.iter().cloned())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let bytes = run.stdin.to_owned();
    let feeder = std::thread::spawn(move || drop(stdin.write_all(&bytes)));
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    let code = output.status.code().unwrap_or(-1);
    Ran { code, stdout: output.stdout, stderr: output.stderr }
}

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Every file below a folder, in order.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { waiting.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

/// Copies a folder with all that is in it, but for files of these names at its top.
pub(crate) fn copy(from: &Path, to: &Path, but: &[&str]) {
    for path in files(from) {
        let inside = path.strip_prefix(from).unwrap();
        if but.iter().any(|name| inside == Path::new(name)) {
            continue;
        }
        let target = to.join(inside);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(&path, target).unwrap();
    }
}
