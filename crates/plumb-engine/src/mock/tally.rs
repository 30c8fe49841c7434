//! Losses, told kind by kind: how often each was met, and where first.
//!
//! Refuses to know what is lost.

/// Losses by kind, in the order in which kinds were met first.
#[derive(Clone, Debug, Default)]
pub(crate) struct LossTally(Vec<Loss>);

#[derive(Clone, Debug)]
struct Loss {
    what: &'static str,
    count: usize,
    first: String,
}

impl LossTally {
    /// Notes one more of a kind; `place` says where it was met.
    pub(crate) fn add(&mut self, what: &'static str, place: impl FnOnce() -> String) {
        match self.0.iter_mut().find(|loss| loss.what == what) {
            Some(loss) => loss.count += 1,
            None => self.0.push(Loss { what, count: 1, first: place() }),
        }
    }

    /// A line for each kind.
    pub(crate) fn into_lines(self) -> Vec<String> {
        let line = |Loss { what, count, first }| match count {
            1 => format!("{what} (at {first})"),
            _ => format!("{what} ({count} times, first at {first})"),
        };
        self.0.into_iter().map(line).collect()
    }
}
