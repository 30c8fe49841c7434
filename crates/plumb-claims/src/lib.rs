//! Claims: readers for what mocks, cassettes, contracts and specifications take for granted.
//!
//! Bytes in, claims and *what could not be read* out. [`recognise`] tells by a glance whether a
//! file may hold claims; [`dialect`] parses it once and hands the tree to the one reader that knows
//! it. Each reader is a thin adapter from a positioned tree to the flat table of a claim. Refuses
//! to know traffic, the disk and severity.

mod bruno;
mod called;
mod cassette;
mod collection_request;
pub mod dialect;
pub mod fixture;
mod graphql;
mod gripmock;
mod header_name;
mod hoverfly;
mod insomnia;
mod json_path;
mod kombu;
mod matched;
pub mod mend;
mod mountebank;
mod openapi;
mod pact;
mod postman;
pub mod reading;
pub mod recognise;
mod said_document;
mod script;
mod template;
#[cfg(test)]
mod tests_print;
mod unread_tally;
mod url_pattern;
mod url_regex;
mod wiremock;
