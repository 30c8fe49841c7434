//! Claims: readers for what mocks, cassettes, contracts and specifications take for granted.
//!
//! Bytes in, claims and *what could not be read* out. [`recognise`] tells by a glance whether a
//! file may hold claims; [`dialect`] parses it once and hands the tree to the one reader that knows
//! it. Each reader is a thin adapter from a positioned tree to the flat table of a claim. Refuses
//! to know traffic, the disk and severity.

mod cassette;
pub mod dialect;
mod header_name;
mod json_path;
mod kombu;
pub mod mend;
mod openapi;
mod pact;
pub mod reading;
pub mod recognise;
mod said_document;
mod script;
#[cfg(test)]
mod tests_print;
mod unread_tally;
mod url_pattern;
mod url_regex;
mod wiremock;
