//! Who looks at a page, as far as pages show it.
//!
//! Refuses to know how they were let in.

/// Somebody who looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Visitor<'a> {
    /// The name of the token that they logged in with; none where nobody has to show one.
    pub name: Option<&'a str>,
    /// What forms of this visit must bring.
    pub ticket: &'a str,
    /// Whether they may order rollouts to go on or back.
    pub operates: bool,
}
