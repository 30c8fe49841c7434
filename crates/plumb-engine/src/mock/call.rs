//! One call of a mock: what is asked, and what is answered. Refuses to know how an answer is
//! chosen.

use crate::mock::code::GrpcCode;
use plumb_shape::example::decode_form;
use plumb_shape::operation::Operation;
use plumb_traffic::called::name_of;
use std::time::Duration;

/// A request, as far as it decides the answer.
#[derive(Clone, Copy, Debug)]
pub struct MockRequest<'a> {
    /// The method, in upper case.
    pub method: &'a str,
    /// The path, without the query.
    pub path: &'a str,
    /// The query as sent, without its question mark.
    pub query: &'a str,
    /// Names and values of the headers; what was seen is told apart without them.
    pub headers: &'a [(String, String)],
    /// The media type of the body, empty without.
    pub media_type: &'a str,
    /// The body.
    pub body: &'a [u8],
    /// Whether the body is a JSON document that was made of a message, whatever the media type:
    /// such calls have no method that tells what they do to a resource.
    pub is_message: bool,
    /// What is to be answered, whatever was seen most.
    pub wanted: &'a Wanted,
}

impl MockRequest<'_> {
    /// The operation that it calls, as traffic is told apart.
    pub(crate) fn operation(&self) -> Operation {
        let name = match self.is_message {
            true => None,
            false => {
                let query = self.parameters();
                let query = query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
                name_of(self.method, query, self.media_type, self.body)
            }
        };
        Operation { name, ..Operation::of_request(self.method, self.path) }
    }

    /// The names and values of the query, decoded; a name without a value has an empty one.
    pub(crate) fn parameters(&self) -> Vec<(String, String)> {
        let pairs = self.query.split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        pairs.map(|(name, value)| (decode_form(name), decode_form(value))).collect()
    }
}

/// Which behaviours may be answered with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Wanted {
    /// All, in the proportions seen.
    #[default]
    AsSeen,
    /// Those of one status.
    Status(u16),
    /// Those of one outcome of gRPC.
    Code(GrpcCode),
    /// The one with this id.
    Behaviour(String),
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MockAnswer {
    /// The status.
    pub status: u16,
    /// The outcome of a call of gRPC, where it was kept.
    pub code: Option<GrpcCode>,
    /// Headers with a meaning of their own, in lower case, and the media type.
    pub headers: Vec<(String, String)>,
    /// The body; empty when none was seen.
    pub body: String,
    /// The operation that was met.
    pub operation: String,
    /// The behaviour's id.
    pub behaviour: String,
    /// In how many exchanges it was seen.
    pub seen: u64,
    /// Out of how many of the operation.
    pub of: u64,
    /// The file and line that say it, where somebody said it and nobody saw it.
    pub said: Option<String>,
    /// How long to wait before answering.
    pub delay: Duration,
    /// True when the connection is to break off in the middle of the body.
    pub is_cut: bool,
}

impl MockAnswer {
    /// What an answer tells about itself, as headers: which behaviour it is, how often it was seen,
    /// and how long it was made to take, where it was.
    #[must_use]
    pub fn about(&self) -> Vec<(String, String)> {
        let mut about = vec![("x-plumb-behaviour".to_owned(), self.behaviour.clone())];
        about.push(match &self.said {
            Some(said) => ("x-plumb-said".to_owned(), said.clone()),
            None => ("x-plumb-seen".to_owned(), format!("{} of {}", self.seen, self.of)),
        });
        if !self.delay.is_zero() {
            let micros = self.delay.as_micros();
            let took = format!("{}.{:03} ms", micros / 1_000, micros % 1_000);
            about.push(("x-plumb-took".to_owned(), took));
        }
        about
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// The operation was never seen.
    Operation(String),
    /// It was, and never with what is wanted.
    Wanted(String),
    /// Nothing is said of such a request, or nothing that is wanted.
    Unsaid(String),
}
