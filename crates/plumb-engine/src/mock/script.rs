//! A script: which answers an operation gives next, one after the other.
//!
//! Each line is a method, a path template and an answer: a status, an outcome of gRPC, the id of a
//! behaviour, or `as-seen`. Lines that begin with `#` say nothing. Refuses to know what was seen.

use crate::mock::call::Wanted;
use crate::mock::code::GrpcCode;
use plumb_shape::operation::Operation;
use std::collections::{BTreeMap, VecDeque};
use std::str::FromStr;
use thiserror::Error;

/// What comes next for each operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script(BTreeMap<Operation, VecDeque<Wanted>>);

/// A line that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("line {line} is not `METHOD PATH ANSWER`")]
pub struct BadLine {
    /// The line, from 1.
    pub line: usize,
}

impl Script {
    pub(crate) fn next(&mut self, operation: &Operation) -> Option<Wanted> {
        self.0.get_mut(operation)?.pop_front()
    }
}

impl FromStr for Script {
    type Err = BadLine;

    fn from_str(text: &str) -> Result<Self, BadLine> {
        let mut script = Self::default();
        for (at, line) in text.lines().enumerate() {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                [] => {}
                [first, ..] if first.starts_with('#') => {}
                [method, path, answer] => {
                    let operation = Operation::parse(&format!("{method} {path}"));
                    let operation = operation.ok_or(BadLine { line: at + 1 })?;
                    script.0.entry(operation).or_default().push_back(Wanted::of(answer));
                }
                _ => return Err(BadLine { line: at + 1 }),
            }
        }
        Ok(script)
    }
}

impl Wanted {
    /// What a word asks for: a status, an outcome of gRPC by its number or name, the id of a
    /// behaviour, or `as-seen`.
    #[must_use]
    pub fn of(word: &str) -> Self {
        let status = word.parse().ok().filter(|status| (100..600).contains(status));
        match status {
            _ if word == "as-seen" => Self::AsSeen,
            Some(status) => Self::Status(status),
            None => GrpcCode::of(word).map_or_else(|| Self::Behaviour(word.to_owned()), Self::Code),
        }
    }
}
