//! The Dockerfile: instructions that there are, commands that plumb takes, nobody's root.

use super::{folder, taken};
use crate::arguments::Command;
use std::fs;

const KNOWN: [&str; 13] = [
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "RUN",
    "USER",
    "VOLUME",
    "WORKDIR",
    "ARG",
];

/// The instructions, each on one line.
fn instructions() -> Vec<(String, String)> {
    let text = fs::read_to_string(folder("docker").join("Dockerfile")).unwrap();
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let text = lines.collect::<Vec<_>>().join("\n").replace("\\\n", " ");
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| {
            let (word, rest) = line.split_once(' ').unwrap();
            (word.to_owned(), rest.trim().to_owned())
        })
        .collect()
}

fn last(instructions: &[(String, String)], word: &str) -> String {
    let found = instructions.iter().rev().find(|(known, _)| known == word);
    found.unwrap_or_else(|| panic!("no {word}")).1.clone()
}

fn list(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_else(|err| panic!("{text}: {err}"))
}

#[test]
fn the_image_runs_what_plumb_takes() {
    let all = instructions();
    for (word, rest) in &all {
        assert!(KNOWN.contains(&word.as_str()), "{word}");
        if word == "FROM" {
            let image = rest.split(' ').next().unwrap();
            let tag = image.split_once(':').map_or("", |(_, tag)| tag);
            assert!(!tag.is_empty() && tag != "latest", "{rest}");
        }
    }
    let entry = list(&last(&all, "ENTRYPOINT"));
    assert_eq!(entry, ["plumb"]);
    let arguments = taken(&[entry, list(&last(&all, "CMD"))].concat());
    let Command::Serve(serve) = arguments.command else { panic!("it does not serve") };
    assert_eq!(last(&all, "EXPOSE"), serve.listen.port().to_string());
    let check = last(&all, "HEALTHCHECK");
    let check = list(check.split_once(" CMD ").unwrap().1);
    assert!(check.iter().any(|word| word.ends_with(&format!(":{}", serve.listen.port()))));
    taken(&check);
}

#[test]
fn the_image_is_nobodys_and_holds_no_secret() {
    let all = instructions();
    let user = last(&all, "USER");
    assert!(user.split(':').all(|id| id.parse::<u32>().is_ok_and(|id| id > 0)), "{user}");
    for (word, rest) in all.iter().filter(|(word, _)| word == "ENV" || word == "ARG") {
        let lower = rest.to_lowercase();
        let is_secret = ["token", "secret", "password"].iter().any(|name| lower.contains(name));
        assert!(!is_secret, "{word} {rest}");
    }
    let ignored = fs::read_to_string(folder("docker").join("Dockerfile.dockerignore")).unwrap();
    for wanted in [".git", ".plumb", "target", "*.key", "*.token"] {
        assert!(ignored.lines().any(|line| line == wanted), "{wanted}");
    }
}
