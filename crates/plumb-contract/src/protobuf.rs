//! Messages and services of Protobuf: what two versions break, under each of three readings.
//!
//! Knows sources (`.proto`) and sets of descriptors; refuses to know disk, registries and payloads.

pub mod build;
pub mod code;
pub mod enumeration;
pub mod json;
pub mod json_value;
pub mod lone;
pub mod model;
pub mod nesting;
pub mod pair;
pub mod read;
pub mod scalar;
pub mod service;
pub mod shared;
pub mod walk;
pub mod wire;
pub mod witness;

use crate::compared::{Compared, File, Flow, Unread, gathered};
use enumeration::Form;

/// What is at stake between the two versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reading {
    /// Bytes that are read back: numbers and types count, names do not.
    Wire,
    /// ProtoJSON: names count, numbers do not, and what is unknown is refused.
    Json,
    /// Code against what is generated: names, types and where they are found.
    Code,
}

/// What `new` breaks of what `old` promised, when data flow as `flow` says. Of services, requests
/// flow that way and responses the other.
#[must_use]
pub fn changes(old: &[File], new: &[File], flow: Flow, reading: Reading) -> Compared {
    let (old, new) = match (read::model(old), read::model(new)) {
        (Ok(old), Ok(new)) => (old, new),
        (old, new) => {
            let unread = [old.err(), new.err()].into_iter().flatten().collect();
            return Compared { changes: Vec::new(), unread };
        }
    };
    let walked = match reading {
        Reading::Wire => walk::walked(&old, &new, flow, Form::Wire),
        Reading::Json => walk::walked(&old, &new, flow, Form::Json),
        Reading::Code => Ok(code::in_code(&old, &new, flow)),
    };
    let mut changes = match walked {
        Ok(changes) => changes,
        Err(why) => {
            let file = new.files.first().map_or(String::new(), |file| file.name.clone());
            let unread = vec![Unread { file, line: 1, column: 1, reason: why.to_owned() }];
            return Compared { changes: Vec::new(), unread };
        }
    };
    if reading != Reading::Code {
        changes.extend(service::called(&old, &new, flow));
    }
    Compared { changes: gathered(changes), unread: Vec::new() }
}

#[cfg(test)]
mod tests;
