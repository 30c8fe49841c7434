//! Turns a recorded request and its answer into a claim: what every cassette format comes down to.
//!
//! A recording is an example: the tests exercise just this. What the client sent of itself (its
//! agent, its tokens) is not said, since the provider owes nothing to it. Refuses to know how a
//! cassette is written.

pub(crate) mod body;
pub(crate) mod har;
pub(crate) mod keploy;
pub(crate) mod nock;
pub(crate) mod polly;
pub(crate) mod url;
pub(crate) mod vcr;
pub(crate) mod vcrpy;

use crate::called::called_by;
use crate::cassette::body::decompressed;
use crate::cassette::url::{COMPUTED, RecordedUrl};
use crate::header_name::{is_transport, is_withheld};
use crate::reading::{CLAIMS_MAX, Reading, SourceFile};
use crate::template::say_text;
use crate::unread_tally::{UnreadTally, Why};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plumb_shape::claim::{Claim, Dialect, SaidQuery, SaidRequest, SaidStatus, Source, Strength};
use plumb_shape::example::{say_body, say_query, say_selection};
use plumb_shape::format::string_traits;
use plumb_shape::place::{Part, Place, Side};
use plumb_shape::said::{Expected, Said};
use plumb_shape::trait_set::TraitSet;
use plumb_tree::{Key, Node};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// One recorded request with its answer.
#[derive(Clone, Debug)]
pub(crate) struct Recorded<'a> {
    /// Line and column of what makes the claim, counted from 1.
    pub(crate) place: (u32, u32),
    /// The method, in any case.
    pub(crate) method: &'a str,
    /// The address.
    pub(crate) url: RecordedUrl,
    /// When it was recorded, as the file says it.
    pub(crate) recorded_at: Option<&'a str>,
    /// What the file calls it; method and address where it calls it nothing.
    pub(crate) name: Option<String>,
    /// What the client sent.
    pub(crate) request: Message<'a>,
    /// The answer's status, 100 to 599.
    pub(crate) status: u16,
    /// What the provider answered.
    pub(crate) response: Message<'a>,
}

/// Headers and body of one side.
#[derive(Clone, Debug)]
pub(crate) struct Message<'a> {
    /// The headers in order, one entry for each value.
    pub(crate) headers: Vec<(&'a str, Cow<'a, str>)>,
    /// The body.
    pub(crate) body: Body<'a>,
}

/// A recorded body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Body<'a> {
    /// The bytes as the reader meets them; empty when nothing was sent.
    Bytes(Cow<'a, [u8]>),
    /// A text in which expressions in double braces stand, which change single values only.
    Filled(Cow<'a, str>),
    /// There may have been one; the file does not tell what it was.
    Unknown,
}

/// More recorded requests than are read.
pub(crate) const TOO_MANY: Why = Why {
    reason: "the file holds more than 200000 interactions, the rest is not read",
    remedy: "observe it as traffic, or split it",
};
const NO_REQUEST: Why = Why {
    reason: "an interaction has no request with a method and an absolute http address",
    remedy: "record it again, or take it out",
};
const NO_STATUS: Why = Why {
    reason: "an interaction has no answer with a status from 100 to 599",
    remedy: "record it again, or take it out",
};
const COMPRESSED: Why = Why {
    reason: "a body was recorded in an encoding that is not undone, nothing is said about it",
    remedy: "record with decoding switched on (`decode_compressed_response` in vcr tools)",
};
const NOT_BASE64: Why = Why {
    reason: "a body marked as base64 is not base64, nothing is said about it",
    remedy: "record it again",
};

/// Longest title in characters: an address beyond it is told apart by its line.
const TITLE_CHARS_MAX: usize = 200;

/// Reads each interaction with `record` and makes a claim of it.
pub(crate) fn reading_of<'a>(
    file: &SourceFile<'_>,
    dialect: Dialect,
    interactions: &'a [Node],
    mut tally: UnreadTally,
    record: impl Fn(&'a Node, &mut UnreadTally) -> Option<Recorded<'a>>,
) -> Reading {
    if let Some(beyond) = interactions.get(CLAIMS_MAX) {
        tally.add(beyond.line, TOO_MANY);
    }
    let recorded: Vec<Recorded<'a>> = interactions
        .iter()
        .take(CLAIMS_MAX)
        .filter_map(|interaction| record(interaction, &mut tally))
        .collect();
    let claims = claims_of(file.path, dialect, &recorded);
    Reading { claims, unread: tally.into_unread(file.path) }
}

impl<'a> Message<'a> {
    /// The first value of a header, by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(said, _)| said.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_ref())
    }

    /// The same message with its body as it was before compression; given up when that is unknown.
    pub(crate) fn without_compression(self, line: u32, tally: &mut UnreadTally) -> Self {
        let encoding = self.header("content-encoding").unwrap_or("identity");
        // Tools may decode a body and keep the header; no compressed stream is valid UTF-8.
        let decoded = match &self.body {
            Body::Bytes(bytes) if std::str::from_utf8(bytes).is_err() => {
                (!encoding.trim().eq_ignore_ascii_case("identity"))
                    .then(|| decompressed(encoding, bytes))
            }
            _ => None,
        };
        let body = match decoded {
            None => return self,
            Some(Some(bytes)) => Body::Bytes(Cow::Owned(bytes)),
            Some(None) => {
                tally.add(line, COMPRESSED);
                Body::Unknown
            }
        };
        Self { headers: self.headers, body }
    }
}

impl<'a> Body<'a> {
    /// A body of bytes.
    pub(crate) const fn of_bytes(bytes: &'a [u8]) -> Self {
        Self::Bytes(Cow::Borrowed(bytes))
    }

    /// A side that sent no body.
    pub(crate) const fn none() -> Self {
        Self::of_bytes(&[])
    }

    /// A body kept as base64, line breaks allowed; unknown and counted when it is not.
    pub(crate) fn of_base64(text: &str, line: u32, tally: &mut UnreadTally) -> Self {
        let dense: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        match STANDARD.decode(dense) {
            Ok(bytes) => Self::Bytes(Cow::Owned(bytes)),
            Err(_) => {
                tally.add(line, NOT_BASE64);
                Self::Unknown
            }
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Filled(text) => text.as_bytes(),
            Self::Unknown => &[],
        }
    }
}

/// The method of a recorded request beside its address; counted when either is missing.
pub(crate) fn method_and_url<'a>(
    request: Option<&'a Node>,
    url: Option<RecordedUrl>,
    line: u32,
    tally: &mut UnreadTally,
) -> Option<(&'a str, RecordedUrl)> {
    let method = request.and_then(|request| request.get("method")?.as_str());
    tally.need(method.filter(|method| !method.is_empty()).zip(url), line, NO_REQUEST)
}

/// A status from 100 to 599, written as a number or as text; counted when there is none.
pub(crate) fn status(node: Option<&Node>, line: u32, tally: &mut UnreadTally) -> Option<u16> {
    let number = |node: &Node| node.as_u16().or_else(|| node.as_str()?.trim().parse().ok());
    let status = node.and_then(number).filter(|status| (100..600).contains(status));
    tally.need(status, line, NO_STATUS)
}

/// Headers kept as an object of names, each with one value or a list of them.
pub(crate) fn headers_by_name(node: Option<&Node>) -> Vec<(&str, Cow<'_, str>)> {
    let entries = node.map(Node::entries).unwrap_or_default();
    entries.iter().flat_map(|(key, value)| header_values(key, value)).collect()
}

fn header_values<'a>(key: &'a Key, value: &'a Node) -> Vec<(&'a str, Cow<'a, str>)> {
    let single = std::slice::from_ref(value);
    let values = if value.items().is_empty() { single } else { value.items() };
    values.iter().filter_map(|value| Some((key.text.as_str(), scalar_text(value)?))).collect()
}

/// The text of a header's value: quotes are often forgotten around numbers.
pub(crate) fn scalar_text(node: &Node) -> Option<Cow<'_, str>> {
    let bytes = node.as_bytes().map(String::from_utf8_lossy);
    let number = || node.as_number().map(|number| Cow::Borrowed(number.as_text()));
    bytes.or_else(number).or_else(|| node.as_bool().map(|truth| Cow::Owned(truth.to_string())))
}

/// The place of the key `request` in an interaction, or of the interaction itself.
pub(crate) fn place_of(interaction: &Node) -> (u32, u32) {
    let of_item = (interaction.line, interaction.column);
    interaction.entry("request").map_or(of_item, |(key, _)| (key.line, key.column))
}

/// Makes a claim of each recorded request, in their order.
pub(crate) fn claims_of(file: &str, dialect: Dialect, recorded: &[Recorded<'_>]) -> Vec<Claim> {
    let mut times: BTreeMap<Identity<'_>, usize> = BTreeMap::new();
    for one in recorded {
        *times.entry(identity(one)).or_default() += 1;
    }
    let is_repeated = |one| times.get(&identity(one)).is_some_and(|times| *times > 1);
    let claim = |one| Claim {
        source: source_of(file, dialect, one),
        strength: Strength::Example,
        writer: one.url.writer(),
        reader: None,
        request: SaidRequest {
            methods: vec![one.method.to_ascii_uppercase()],
            path: called_by(one.url.path_pattern(), one.request.body.bytes()),
            query: SaidQuery::Exactly,
            priority: 0,
            stateful: is_repeated(one),
        },
        status: SaidStatus::Exactly(one.status),
        said: said_of(one),
    };
    recorded.iter().map(claim).collect()
}

/// What makes two recorded requests the same, so that only their order tells the answers apart.
type Identity<'a> = (&'a str, &'a RecordedUrl, &'a [u8]);

fn identity<'a>(recorded: &'a Recorded<'_>) -> Identity<'a> {
    (recorded.method, &recorded.url, recorded.request.body.bytes())
}

fn source_of(file: &str, dialect: Dialect, recorded: &Recorded<'_>) -> Source {
    let method = recorded.method.to_ascii_uppercase();
    let when = recorded.recorded_at.map(|when| format!(", recorded {when}"));
    let shown = || format!("{method} {}", recorded.url.shown());
    let name = recorded.name.clone().unwrap_or_else(shown);
    let title = name + &when.unwrap_or_default();
    let (line, column) = recorded.place;
    let title = title.chars().take(TITLE_CHARS_MAX).collect();
    Source { dialect, file: file.to_owned(), line, column, title }
}

fn said_of(recorded: &Recorded<'_>) -> Said {
    let mut said = Said::default();
    let mut query = recorded.url.query_pairs();
    say_pairs(&mut said, &query);
    say_content(&mut said, Side::Request, &recorded.request);
    say_content(&mut said, Side::Response, &recorded.response);
    query.retain(|(_, value)| !value.contains(COMPUTED));
    if let Body::Bytes(bytes) = &recorded.response.body {
        say_selection(&mut said, &query, bytes);
    }
    for (name, value) in &recorded.response.headers {
        say_header(&mut said, name, value);
    }
    said
}

/// Says the names and values of a query; a computed value is any text.
pub(crate) fn say_pairs(said: &mut Said, pairs: &[(String, String)]) {
    say_query(said, pairs);
    for (name, _) in pairs.iter().filter(|(_, value)| value.contains(COMPUTED)) {
        let place = Place::named(Side::Request, Part::Query, name);
        said.places.insert(place, Expected::always(TraitSet::STRING));
    }
}

/// Says the media type and the body of one side.
fn say_content(said: &mut Said, side: Side, message: &Message<'_>) {
    let media_type = message.header("content-type");
    if let Some(media_type) = media_type {
        said.say_media_type(side, media_type);
    }
    match &message.body {
        Body::Bytes(bytes) => say_body(said, side, media_type, bytes),
        Body::Filled(text) => {
            if say_text(said, side, media_type, text.as_bytes()).is_err() {
                said.say_any_body(side);
            }
        }
        Body::Unknown => said.say_any_body(side),
    }
}

/// Says that a recorded header is there; those that only carry the message are left out.
pub(crate) fn say_header(said: &mut Said, name: &str, value: &str) {
    let name = name.to_ascii_lowercase();
    if is_transport(&name) || name == "content-type" {
        return;
    }
    let computed = value.contains(COMPUTED);
    let traits = if computed { TraitSet::STRING } else { string_traits(value.as_bytes()) };
    // Traffic shows such a header without its value, and is covered as well.
    let withheld = if is_withheld(&name) { TraitSet::WITHHELD } else { TraitSet::NONE };
    said.say_header(Side::Response, &name, traits | withheld);
}
