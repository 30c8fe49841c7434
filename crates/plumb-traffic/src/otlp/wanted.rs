//! Attributes that somebody asks for by name, whatever they mean. It refuses to know the ones that
//! mean something here, and what becomes of the values.

use std::sync::Arc;

/// The name under which the id of a trace is asked for, though it is no attribute.
pub(crate) const TRACE_ID: &[u8] = b"trace_id";

/// Names of attributes of spans and resources. `trace_id` is the id of the trace, in hexadecimal.
#[derive(Debug, Clone, Default)]
pub struct Wanted(Arc<[String]>);

impl Wanted {
    /// These names; where two attributes have one name, that of the span counts.
    #[must_use]
    pub fn new(names: Vec<String>) -> Self {
        Self(names.into())
    }

    /// The place of a name among all; none for one that nobody asks for.
    pub(crate) fn place(&self, name: &[u8]) -> Option<usize> {
        self.0.iter().position(|wanted| wanted.as_bytes() == name)
    }
}
