//! Fuzzing: builds the fuzzer with instrumented code and lets it look for broken promises.
//!
//! Needs no other toolchain than the stable one, and a C++ compiler. Refuses to know the targets'
//! names; the folders of seeds do.

use crate::cargo::cargo;
use crate::outcome::{Outcome, outcome_of};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::{fs, io, thread};

/// Counts the edges that an input takes and tells the fuzzer what its bytes were compared with.
const INSTRUMENTATION: &str = "--cfg fuzzing -Ccodegen-units=1 -Cdebug-assertions=on \
     -Cpasses=sancov-module \
     -Cllvm-args=-sanitizer-coverage-level=4 \
     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
     -Cllvm-args=-sanitizer-coverage-pc-table \
     -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Longer inputs find no more and take longer.
const INPUT_BYTES_MAX: u32 = 64 * 1024;

/// An input that takes longer is a finding, in seconds.
const INPUT_SECONDS_MAX: u32 = 20;

/// More memory than this is a finding, in MiB.
const MEMORY_MIB_MAX: u32 = 2_048;

/// Seconds of a minute.
const SECONDS: NonZeroU32 = NonZeroU32::new(60).unwrap();

/// Fuzzes one target or `all` of them for so many minutes each, as many side by side as there are
/// cores.
pub(crate) fn fuzz(root: &Path, target: &str, minutes: &str) -> Outcome {
    let Ok(minutes) = minutes.parse::<NonZeroU32>() else {
        eprintln!("`{minutes}` are no minutes\nhelp: give a whole number above 0");
        return Outcome::Usage;
    };
    let known = match names(&root.join("fuzz/corpus")) {
        Ok(known) => known,
        Err(err) => {
            eprintln!("cannot read fuzz/corpus: {err}");
            return Outcome::Outside;
        }
    };
    let wanted: Vec<String> =
        known.iter().filter(|name| target == "all" || *name == target).cloned().collect();
    if wanted.is_empty() {
        eprintln!("`{target}` is no target\nhelp: name all or one of {}", known.join(", "));
        return Outcome::Usage;
    }
    match build(root) {
        Ok(fuzzer) => side_by_side(wanted, &|name| run(root, &fuzzer, name, minutes)),
        Err(outcome) => outcome,
    }
}

fn names(corpus: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(corpus)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Builds the fuzzer apart from everything else, since all of it is built in another way.
fn build(root: &Path) -> Result<PathBuf, Outcome> {
    let triple = host()?;
    let folder = root.join("target/fuzz");
    let mut build = cargo(root);
    build
        .args(["build", "--release", "--locked", "--package", "plumb-fuzz"])
        .args(["--features", "fuzzer", "--target", &triple, "--target-dir"])
        .arg(&folder)
        .env("RUSTFLAGS", INSTRUMENTATION);
    match outcome_of(&mut build) {
        Outcome::Yes => Ok(folder.join(triple).join("release/plumb-fuzz")),
        other => Err(other),
    }
}

/// The machine's own triple: naming it keeps build scripts free of instrumentation.
fn host() -> Result<String, Outcome> {
    let output = Command::new("rustc").arg("-vV").output().map_err(|err| {
        eprintln!("cannot start rustc: {err}");
        Outcome::Outside
    })?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| {
        eprintln!("`rustc -vV` names no host");
        Outcome::Outside
    })
}

/// Does the work for every name, on all cores. The worst outcome is the answer.
fn side_by_side(names: Vec<String>, work: &(dyn Fn(&str) -> Outcome + Sync)) -> Outcome {
    let waiting = Mutex::new(names.into_iter());
    let next = || waiting.lock().ok().and_then(|mut names| names.next());
    let worker = || {
        let mut worst = Outcome::Yes;
        while let Some(name) = next() {
            let outcome = work(&name);
            if outcome != Outcome::Yes {
                worst = outcome;
            }
        }
        worst
    };
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(worker)).collect();
        let outcomes = workers.into_iter().map(|one| one.join().unwrap_or(Outcome::Outside));
        outcomes.reduce(|one, other| if one == Outcome::Yes { other } else { one })
    })
    .unwrap_or(Outcome::Yes)
}

/// Brings what earlier runs of others found worth keeping, where this folder has none yet.
fn unpack(archive: &Path, folder: &Path) -> io::Result<()> {
    let archive = archive.with_extension("tar.xz");
    if folder.exists() || !archive.exists() {
        return fs::create_dir_all(folder);
    }
    fs::create_dir_all(folder)?;
    let status = Command::new("tar").arg("-xJf").arg(archive).arg("-C").arg(folder).status()?;
    if status.success() { Ok(()) } else { Err(io::Error::other("tar failed")) }
}

/// Fuzzes one target from its seeds and from what earlier runs found worth keeping.
fn run(root: &Path, fuzzer: &Path, name: &str, minutes: NonZeroU32) -> Outcome {
    let kept = root.join("target/fuzz/kept").join(name);
    let broken = root.join("target/fuzz/broken").join(name);
    let log = root.join("target/fuzz").join(format!("{name}.log"));
    let started = unpack(&root.join("fuzz/kept").join(name), &kept)
        .and_then(|()| fs::create_dir_all(&broken))
        .and_then(|()| fs::File::create(&log))
        .and_then(|log| {
            let mut command = Command::new(fuzzer);
            command
                .env("PLUMB_FUZZ_TARGET", name)
                .arg(format!("-max_total_time={}", minutes.saturating_mul(SECONDS)))
                .arg(format!("-timeout={INPUT_SECONDS_MAX}"))
                .arg(format!("-rss_limit_mb={MEMORY_MIB_MAX}"))
                .arg(format!("-max_len={INPUT_BYTES_MAX}"))
                .arg(format!("-artifact_prefix={}/", broken.display()))
                .arg("-print_final_stats=1")
                .args([kept, root.join("fuzz/corpus").join(name)])
                .stderr(log);
            command.status()
        });
    match started {
        Ok(status) if status.success() => {
            eprintln!("{name}: nothing broken in {minutes} min, see {}", log.display());
            Outcome::Yes
        }
        Ok(_) => {
            eprintln!("{name}: broken, see {} and {}", log.display(), broken.display());
            Outcome::No
        }
        Err(err) => {
            eprintln!("{name}: cannot start the fuzzer: {err}");
            Outcome::Outside
        }
    }
}
