//! Addresses of views: each holds the whole state of what is shown.
//!
//! Refuses to know what a view shows.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use plumb_gap::finding::Seam;

/// What stays as it is in a query; all else is escaped.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What stays as it is in an anchor: neither what parts its members nor what escapes begin with.
const IN_ANCHOR: &AsciiSet = &PLAIN.add(b'-').add(b'_');

/// A view by its name in addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum View {
    /// What would break?
    Home,
    /// Every seam.
    Seams,
    /// One seam.
    Seam,
    /// Every finding.
    Findings,
    /// One finding.
    Finding,
    /// What mends a finding.
    Mending,
    /// Who speaks to whom.
    Map,
    /// The gap over time.
    History,
    /// Which versions may live together.
    Matrix,
    /// Transitions.
    Plans,
    /// Migrations that were tried.
    Rehearsals,
    /// Versions on their way.
    Rollouts,
    /// Whether work that was accepted is finished.
    Work,
    /// How old evidence is.
    Freshness,
    /// What went live.
    Releases,
    /// What was done.
    Audit,
    /// What is missing of the wiring.
    Doctor,
}

/// Every view with its name, in the order of the menu. Those of one thing are reached from lists.
pub const VIEWS: [(View, &str, &str); 17] = [
    (View::Home, "home", "Home"),
    (View::Seams, "seams", "Seams"),
    (View::Seam, "seam", ""),
    (View::Findings, "findings", "Findings"),
    (View::Finding, "finding", ""),
    (View::Mending, "mending", ""),
    (View::Map, "map", "Map"),
    (View::History, "history", "Gap over time"),
    (View::Matrix, "matrix", "Coexistence"),
    (View::Plans, "plans", "Plans"),
    (View::Rehearsals, "rehearsals", "Rehearsals"),
    (View::Rollouts, "rollouts", "Rollouts"),
    (View::Work, "work", "Work"),
    (View::Freshness, "freshness", "Freshness"),
    (View::Releases, "releases", "Releases"),
    (View::Audit, "audit", "Audit"),
    (View::Doctor, "doctor", "Doctor"),
];

/// Where links lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// To pages of a server.
    Server,
    /// To places in one file that holds everything.
    File,
}

/// A view and its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    view: View,
    query: Vec<(&'static str, String)>,
}

impl View {
    /// The name in addresses and documents.
    #[must_use]
    pub fn name(self) -> &'static str {
        VIEWS.iter().find(|(view, ..)| *view == self).map_or("home", |(_, name, _)| name)
    }

    /// The view of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        VIEWS.iter().find(|(_, known, _)| *known == name).map(|(view, ..)| *view)
    }

    /// Whether a file that holds everything has a place for it: neither a log of what people did
    /// nor how a machine is wired belongs into what is passed on.
    #[must_use]
    pub const fn is_in_file(self) -> bool {
        !matches!(self, Self::Audit | Self::Doctor | Self::Mending)
    }

    /// The address of the form for a token, with the one to come back to.
    #[must_use]
    pub fn login(back: &str) -> String {
        format!("/login?back={}", utf8_percent_encode(back, PLAIN))
    }

    /// Its address without any state.
    #[must_use]
    pub const fn plain(self) -> Address {
        Address { view: self, query: Vec::new() }
    }
}

impl Address {
    /// One seam.
    #[must_use]
    pub fn seam(seam: &Seam) -> Self {
        View::Seam
            .plain()
            .with("writer", &seam.writer)
            .with("reader", &seam.reader)
            .with("operation", &seam.operation)
    }

    /// One finding.
    #[must_use]
    pub fn finding(key: &str) -> Self {
        View::Finding.plain().with("key", key)
    }

    /// What mends a finding.
    #[must_use]
    pub fn mending(key: &str) -> Self {
        View::Mending.plain().with("key", key)
    }

    /// The same with a member of its state; nothing is added for an empty one.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        if !value.is_empty() {
            self.query.push((name, value.to_owned()));
        }
        self
    }

    /// The members of its state.
    pub(crate) fn members(&self) -> &[(&'static str, String)] {
        &self.query
    }

    /// The view without any state.
    pub(crate) const fn bare(&self) -> Self {
        self.view.plain()
    }

    /// Where a link to it leads.
    #[must_use]
    pub fn href(&self, links: Links) -> String {
        match links {
            Links::Server => self.path(""),
            Links::File => format!("#{}", self.anchor()),
        }
    }

    /// The path and query at a server, with an ending such as `.json` behind the path.
    #[must_use]
    pub fn path(&self, ending: &str) -> String {
        let name = match self.view {
            View::Home if ending.is_empty() => "",
            view => view.name(),
        };
        let mut path = format!("/{name}{ending}");
        for (at, (name, value)) in self.query.iter().enumerate() {
            let mark = if at == 0 { '?' } else { '&' };
            path.push_str(&format!("{mark}{name}={}", utf8_percent_encode(value, PLAIN)));
        }
        path
    }

    /// The id of its place in one file, which no other place has.
    #[must_use]
    pub fn anchor(&self) -> String {
        let mut anchor = self.view.name().to_owned();
        // Lists stand once in a file, whatever their state.
        if matches!(self.view, View::Seam | View::Finding) {
            for (name, value) in &self.query {
                let value = utf8_percent_encode(value, IN_ANCHOR).to_string();
                anchor.push_str(&format!("-{name}-{}", value.replace('%', "_")));
            }
        }
        anchor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_the_whole_state() {
        let seam = Seam {
            writer: "orders".to_owned(),
            reader: String::new(),
            operation: "GET /a/{}?x=1&y".to_owned(),
        };
        let address = Address::seam(&seam);
        assert_eq!(
            address.path(".json"),
            "/seam.json?writer=orders&operation=GET%20%2Fa%2F%7B%7D%3Fx%3D1%26y"
        );
        assert_eq!(View::Home.plain().path(""), "/");
        assert_eq!(View::Home.plain().path(".json"), "/home.json");
        assert_eq!(View::Seams.plain().with("q", "a").href(Links::File), "#seams");
        assert!(!address.href(Links::File).contains([' ', '%']));
    }

    #[test]
    fn no_two_places_share_an_anchor() {
        let anchor = |writer: &str, reader: &str, operation: &str| {
            let (writer, reader) = (writer.to_owned(), reader.to_owned());
            Address::seam(&Seam { writer, reader, operation: operation.to_owned() }).anchor()
        };
        assert_ne!(anchor("a", "", "b"), anchor("", "a", "b"));
        assert_ne!(anchor("a-b", "c", ""), anchor("a", "b-c", ""));
        assert_ne!(anchor("a b", "", ""), anchor("a_20b", "", ""));
    }

    #[test]
    fn every_view_has_a_name_of_its_own() {
        for (view, name, _) in VIEWS {
            assert_eq!((View::named(name), view.name()), (Some(view), name));
        }
        assert_eq!(View::named("nothing"), None);
    }
}
