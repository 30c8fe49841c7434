//! A view that is ready: the same data as HTML and as JSON, with how it was computed and the
//! command that gives the same answer in a terminal.
//!
//! Refuses to know any view.

use crate::address::{Links, View};
use crate::desk::Desk;
use crate::filter::Filter;
use crate::survey::Survey;
use crate::visitor::Visitor;
use maud::Markup;
use plumb_wire::rfc3339::rfc3339;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;

/// The version of every view's document.
pub const VIEW_VERSION: u32 = 1;

/// What a view is made from.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// What is known.
    pub survey: &'a Survey,
    /// Where to look things up.
    pub desk: &'a dyn Desk,
    /// The state that the address holds.
    pub query: &'a BTreeMap<String, String>,
    /// Where links lead.
    pub links: Links,
    /// Who looks.
    pub visitor: Visitor<'a>,
}

/// A view that is ready.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Which.
    pub view: View,
    /// What stands above it.
    pub title: String,
    /// How it was computed, in a sentence or two.
    pub how: &'static str,
    /// The command that gives the same answer in a terminal.
    pub command: String,
    /// What it holds.
    pub data: Value,
    /// The same for people.
    pub body: Markup,
}

impl fmt::Debug for Asked<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Asked").field("query", self.query).finish_non_exhaustive()
    }
}

impl Asked<'_> {
    /// A member of the address's state; empty where it is not there.
    #[must_use]
    pub fn state(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }

    /// The filter of a list, and why it cannot be read; then it takes every row.
    #[must_use]
    pub fn filter(&self) -> (Filter, Option<String>) {
        match Filter::parse(self.state("q")) {
            Ok(filter) => (filter, None),
            Err(err) => (Filter::default(), Some(err.to_string())),
        }
    }

    /// The page of a list, from 1.
    #[must_use]
    pub fn page(&self) -> usize {
        self.state("page").parse().ok().filter(|page| *page > 0).unwrap_or(1)
    }
}

impl Shown {
    /// The view's document.
    #[must_use]
    pub fn document(&self, survey: &Survey) -> Value {
        json!({
            "version": VIEW_VERSION,
            "view": self.view.name(),
            "title": self.title,
            "project": survey.project,
            "as_of": rfc3339(survey.as_of_ms),
            "how": self.how,
            "command": self.command,
            "data": self.data,
        })
    }
}

/// What a view holds, as JSON. What cannot be written so is null, which no view has.
#[must_use]
pub(crate) fn data(data: &impl Serialize) -> Value {
    serde_json::to_value(data).unwrap_or_default()
}
