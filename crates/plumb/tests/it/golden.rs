//! Golden cases: whole commands with their inputs and their output, in `golden/`.
//!
//! `run.toml` names inputs that cases share, variables, and steps: arguments, the exit code, what
//! is fed to the standard input, the schema that the answer must keep to, files to show after it,
//! and whether times and the server's version are blanked. `UPDATE=1` writes outputs anew.

use crate::sandbox::{self, Run};
use crate::schema;
use std::fs;
use std::path::Path;

const RUN_FILE: &str = "run.toml";

/// Files of a case that are no inputs.
const OWN_FILES: [&str; 3] = [RUN_FILE, "stdout", "stderr"];

/// Hexadecimal texts of at least so many digits, letters among them, are digests and keys.
const DIGEST_DIGITS_MIN: usize = 16;

#[test]
fn every_case_answers_as_written() {
    let golden = sandbox::root().join("golden");
    let mut wrong = Vec::new();
    let mut count = 0;
    for path in sandbox::files(&golden) {
        if path.file_name().is_some_and(|name| name == RUN_FILE) {
            count += 1;
            let folder = path.parent().unwrap();
            let name = folder.strip_prefix(&golden).unwrap().display().to_string();
            if let Err(why) = play(&golden, folder) {
                wrong.push(format!("{name}: {why}"));
            }
        }
    }
    assert!(count > 0, "there are no cases");
    assert!(wrong.is_empty(), "UPDATE=1 writes them anew\n{}", wrong.join("\n"));
}

fn play(golden: &Path, case: &Path) -> Result<(), String> {
    let run: toml::Table = fs::read_to_string(case.join(RUN_FILE)).unwrap().parse().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().canonicalize().unwrap();
    if let Some(inputs) = run.get("inputs").and_then(toml::Value::as_str) {
        sandbox::copy(&golden.join(inputs), &place, &[]);
    }
    sandbox::copy(case, &place, &OWN_FILES);
    let variables: Vec<(String, String)> = run
        .get("variables")
        .and_then(toml::Value::as_table)
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect();
    let (mut stdout, mut stderr) = (String::new(), String::new());
    for step in run["step"].as_array().unwrap() {
        let told = one_step(step, &place, &variables)?;
        stdout.push_str(&told.0);
        stderr.push_str(&told.1);
    }
    compare(&case.join("stdout"), &stdout)?;
    compare(&case.join("stderr"), &stderr)
}

/// Plays one step; gives what it wrote, both sides headed by the command.
fn one_step(
    step: &toml::Value,
    place: &Path,
    variables: &[(String, String)],
) -> Result<(String, String), String> {
    let text = |key: &str| step.get(key).and_then(toml::Value::as_str);
    let texts = |key: &str| -> Vec<&str> {
        let items = step.get(key).and_then(toml::Value::as_array).into_iter().flatten();
        items.map(|item| item.as_str().unwrap()).collect()
    };
    let args = texts("args");
    let stdin = text("stdin").map(|file| fs::read(place.join(file)).unwrap()).unwrap_or_default();
    let ran = sandbox::run(&Run { folder: place, args: &args, variables, stdin: &stdin });
    let head = format!("$ plumb {}\n", args.join(" "));
    let stdout = String::from_utf8(ran.stdout).map_err(|_| format!("{head}: not UTF-8"))?;
    let stderr = String::from_utf8(ran.stderr).map_err(|_| format!("{head}: not UTF-8"))?;
    let expected = step.get("exit").and_then(toml::Value::as_integer).unwrap_or_default();
    if i64::from(ran.code) != expected {
        return Err(format!("exit {}, not {expected}, from {head}{stdout}{stderr}", ran.code));
    }
    if let Some(name) = text("schema") {
        schema::check(name, &stdout);
    }
    let mut shown = String::new();
    for file in texts("shows") {
        let content =
            fs::read_to_string(place.join(file)).map_err(|err| format!("{head}{file}: {err}"))?;
        shown.push_str(&format!("> {file}\n{content}"));
    }
    let is_timed = text("blanks").is_some();
    let hush = |text: String| {
        let text = redacted(&text, place);
        if is_timed { blanked(&text) } else { text }
    };
    if text("hides").is_some() {
        return Ok((head.clone(), format!("{head}{}", hush(stderr))));
    }
    Ok((hush(format!("{head}{stdout}{shown}")), hush(format!("{head}{stderr}"))))
}

/// The text without what differs from run to run: folders, digests, keys.
fn redacted(text: &str, place: &Path) -> String {
    let text = text.replace(&place.display().to_string(), "[folder]");
    let mut out = String::with_capacity(text.len());
    let mut digits = String::new();
    for letter in text.chars().chain(['\0']) {
        if letter.is_ascii_digit() || ('a'..='f').contains(&letter) {
            digits.push(letter);
            continue;
        }
        let is_number = digits.bytes().all(|digit| digit.is_ascii_digit());
        if digits.len() >= DIGEST_DIGITS_MIN && !is_number {
            out.push_str("[digest]")
        } else {
            out += &digits
        }
        digits.clear();
        out.push(letter);
    }
    out.pop();
    out
}

/// The text without how long something took, and without the version of a server.
fn blanked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.replace("under 1 ms", "0 ms").split_inclusive('\n') {
        let line = match line.split_once("PostgreSQL ").and_then(|(head, rest)| {
            let end = rest.find([',', '·']).unwrap_or(rest.len());
            Some(format!("{head}PostgreSQL [version] {}", rest.get(end..)?))
        }) {
            Some(line) => line,
            None => line.to_owned(),
        };
        let words: Vec<&str> = line.split(' ').collect();
        let is_unit = |word: Option<&&str>| {
            let letters = word.map(|word| word.trim_matches(|it: char| !it.is_alphanumeric()));
            letters == Some("ms")
        };
        let shown = words.iter().enumerate().map(|(at, word)| {
            let number = word.trim_start_matches('(');
            let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            if is_number && is_unit(words.get(at + 1)) { "[time]" } else { word }
        });
        out.push_str(&shown.collect::<Vec<_>>().join(" "));
    }
    out
}

fn compare(path: &Path, found: &str) -> Result<(), String> {
    if std::env::var_os("UPDATE").is_some() {
        fs::write(path, found).unwrap();
        return Ok(());
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    if expected == found {
        return Ok(());
    }
    let pairs = expected.lines().zip(found.lines());
    let same = pairs.take_while(|(one, other)| one == other).count();
    let line = |text: &str| text.lines().nth(same).unwrap_or("(the end)").to_owned();
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    Err(format!("{name}:{}\n  wanted {}\n  found  {}", same + 1, line(&expected), line(found)))
}
