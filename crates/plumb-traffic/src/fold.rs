//! Folds exchanges into profiles by seam and day, and forgets them.
//!
//! The one place where HTTP meets the algebra: which part of an exchange becomes which place.
//! Refuses to keep a value.

use crate::called::name_of_exchange;
use crate::exchange::{Body, Exchange, Message, header};
use crate::route;
use crate::timeline::Timeline;
use plumb_shape::crowd::{SIBLINGS_MAX, crowded};
use plumb_shape::example::{decode_form, is_json_type};
use plumb_shape::fold::{Denied, Fold};
use plumb_shape::literal::LiteralKey;
use plumb_shape::operation::{NAME_MARK, Operation};
use plumb_shape::place::{Part, Side};
use plumb_shape::profile::Profile;
use plumb_shape::said::media_type_essence;
use plumb_shape::trait_set::TraitSet;
use rapidhash::RapidHashMap;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::time::Duration;

/// The seam, writer version, environment and day that a profile belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    /// The provider's name.
    pub writer: String,
    /// The consumer's name, empty when unknown.
    pub reader: String,
    /// Method and path template.
    pub operation: String,
    /// The writer's version, empty when unknown.
    pub version: String,
    /// The environment, empty when unknown.
    pub environment: String,
    /// Days since the Unix epoch, in UTC.
    pub day: i32,
}

/// What the person who hands over traffic knows about it. What an exchange says itself comes first.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The provider's name; without it, the host.
    pub writer: Option<String>,
    /// The consumer's name.
    pub reader: Option<String>,
    /// The writer's version.
    pub version: Option<String>,
    /// The header of a response that tells the writer's version, in lower case.
    pub version_header: Option<String>,
    /// Releases, for exchanges whose version nothing else tells.
    pub timeline: Timeline,
    /// The environment.
    pub environment: Option<String>,
    /// The moment to take for exchanges without a time, Unix milliseconds.
    pub received_ms: i64,
}

impl Origin {
    /// The writer's version, by what knows best: the exchange, its header, the person, releases.
    fn version<'v>(
        &'v self,
        exchange: &'v Exchange<'_>,
        writer: &str,
        environment: &str,
        time_ms: i64,
    ) -> &'v str {
        let in_header = || header(&exchange.response.headers, self.version_header.as_deref()?);
        exchange
            .version
            .as_deref()
            .or_else(in_header)
            .or(self.version.as_deref())
            .or_else(|| self.timeline.version_at(writer, environment, time_ms))
            .unwrap_or_default()
    }
}

/// Gives a dependency's name to a host.
pub type NameOf<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Folds for as many seams, statuses and days as come along.
pub struct Folds<'a> {
    key: LiteralKey,
    denied: Denied,
    origin: Origin,
    name_of: NameOf<'a>,
    names: HashMap<String, String>,
    by_name: RapidHashMap<String, usize>,
    live: Vec<(Window, u16, Fold)>,
    sealed: BTreeMap<Window, Profile>,
    buffer: String,
}

/// Folds kept open at once; beyond this, all are sealed and started anew. A fold takes some tens of
/// kilobytes, so this bounds them to about a hundred megabytes.
const LIVE_MAX: usize = 2_048;

/// Hosts whose names are remembered; a flood of hosts is named each time anew.
const NAMES_MAX: usize = 4_096;

/// Headers that say nothing about a seam beyond how bytes were moved, or that are told elsewhere.
const HEADERS_LEFT_OUT: &[&str] = &[
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
    "date",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "transfer-encoding",
    "user-agent",
];

/// Headers whose numbers are codes, each of them an outcome of its own.
const HEADERS_OF_CODES: &[&str] = &["grpc-status"];

impl<'a> Folds<'a> {
    /// No exchange yet.
    #[must_use]
    pub fn new(key: LiteralKey, denied: Denied, origin: Origin, name_of: NameOf<'a>) -> Self {
        Self {
            key,
            denied,
            origin,
            name_of,
            names: HashMap::new(),
            by_name: RapidHashMap::default(),
            live: Vec::new(),
            sealed: BTreeMap::new(),
            buffer: String::new(),
        }
    }

    /// Folds one exchange.
    pub fn observe(&mut self, exchange: &Exchange<'_>) {
        let slot = self.slot(exchange);
        let fold = &mut self.live[slot].2;
        fold.begin(exchange.time_ms);
        if let Some(latency) = answered_within(exchange) {
            fold.took(latency);
        }
        for (name, value) in &exchange.query {
            fold.text(Side::Request, Part::Query, name, value.as_bytes());
        }
        observe_message(fold, Side::Request, &exchange.request);
        observe_message(fold, Side::Response, &exchange.response);
        fold.commit();
    }

    /// Everything folded, by window.
    #[must_use]
    pub fn seal(mut self) -> BTreeMap<Window, Profile> {
        self.seal_live();
        self.sealed
    }

    fn seal_live(&mut self) {
        self.by_name.clear();
        for (window, status, fold) in self.live.drain(..) {
            let profile = Profile { outcomes: BTreeMap::from([(status, fold.seal())]) };
            let slot = self.sealed.entry(window).or_default();
            *slot = slot.merge(&profile);
        }
        if self.sealed.len() > SIBLINGS_MAX {
            self.join_crowds();
        }
    }

    /// Joins windows whose operations differ in crowded words only, provider by provider.
    fn join_crowds(&mut self) {
        let mut by_writer: BTreeMap<&str, Vec<Operation>> = BTreeMap::new();
        for window in self.sealed.keys() {
            let operation = Operation::parse(&window.operation);
            by_writer.entry(&window.writer).or_default().extend(operation);
        }
        let mut renamed: BTreeMap<(String, String), String> = BTreeMap::new();
        for (writer, operations) in by_writer {
            for (from, to) in crowded(&operations) {
                renamed.insert((writer.to_owned(), from.to_string()), to.to_string());
            }
        }
        for (mut window, profile) in std::mem::take(&mut self.sealed) {
            let name = (window.writer.clone(), window.operation.clone());
            if let Some(operation) = renamed.get(&name) {
                window.operation.clone_from(operation);
            }
            let slot = self.sealed.entry(window).or_default();
            *slot = if slot.outcomes.is_empty() { profile } else { slot.merge(&profile) };
        }
    }

    /// The fold that an exchange belongs to.
    fn slot(&mut self, exchange: &Exchange<'_>) -> usize {
        let mut name = std::mem::take(&mut self.buffer);
        let host_name = self.host_name(exchange);
        let seam = self.seam(exchange, host_name.as_deref());
        let operation_len = seam.write(exchange, &mut name);
        let slot = match self.by_name.get(&name) {
            Some(slot) => *slot,
            None => {
                let window = seam.window(&name[..operation_len]);
                self.open(window, exchange.status, &name)
            }
        };
        self.buffer = name;
        slot
    }

    fn seam<'s>(&'s self, exchange: &'s Exchange<'_>, host_name: Option<&'s str>) -> Seam<'s> {
        let Origin { writer, reader, environment, received_ms, .. } = &self.origin;
        let told = |said: &'s Option<Cow<'_, str>>, known: &'s Option<String>| {
            said.as_deref().or(known.as_deref())
        };
        let writer = told(&exchange.writer, writer).or(host_name).unwrap_or_default();
        let environment = told(&exchange.environment, environment).unwrap_or_default();
        let time_ms = exchange.time_ms.unwrap_or(*received_ms);
        Seam {
            writer,
            reader: told(&exchange.reader, reader).unwrap_or_default(),
            version: self.origin.version(exchange, writer, environment, time_ms),
            environment,
            day: day_of(time_ms),
        }
    }

    fn open(&mut self, window: Window, status: u16, name: &str) -> usize {
        if self.live.len() >= LIVE_MAX {
            self.seal_live();
        }
        self.live.push((window, status, Fold::new(self.key.clone(), self.denied.clone())));
        self.by_name.insert(name.to_owned(), self.live.len() - 1);
        self.live.len() - 1
    }

    /// The name given to the host, where nothing else names the writer.
    fn host_name(&mut self, exchange: &Exchange<'_>) -> Option<String> {
        if exchange.writer.is_some() || self.origin.writer.is_some() {
            return None;
        }
        if let Some(known) = self.names.get(exchange.host.as_ref()) {
            return Some(known.clone());
        }
        let name = (self.name_of)(&exchange.host).unwrap_or_else(|| exchange.host.to_string());
        if self.names.len() < NAMES_MAX {
            self.names.insert(exchange.host.to_string(), name.clone());
        }
        Some(name)
    }
}

/// Writes the operation of an exchange behind what `out` holds: its method, its path with
/// everything that is data left out, and its name where one path serves many.
pub fn write_operation(out: &mut String, exchange: &Exchange<'_>) {
    let (method, path) = (&exchange.method, &exchange.path);
    match &exchange.route {
        Some(route) => route::write_operation(out, method, path, route),
        None => Operation::write_of_request(out, method, path),
    }
    if let Some(name) = name_of_exchange(exchange) {
        out.push(NAME_MARK);
        out.push_str(&name);
    }
}

/// What a window is told by, beside its operation, before anything is copied.
struct Seam<'s> {
    writer: &'s str,
    reader: &'s str,
    version: &'s str,
    environment: &'s str,
    day: i32,
}

/// What ends each part of a fold's name.
const PART_END: char = '\0';

impl Seam<'_> {
    /// Writes the name of the fold that an exchange at this seam belongs to; gives the length of
    /// the operation, with which it begins.
    fn write(&self, exchange: &Exchange<'_>, name: &mut String) -> usize {
        name.clear();
        write_operation(name, exchange);
        let operation_len = name.len();
        name.push(PART_END);
        for part in [self.writer, self.reader, self.version, self.environment] {
            name.push_str(part);
            name.push(PART_END);
        }
        let mut number = itoa::Buffer::new();
        name.push_str(number.format(self.day));
        name.push(PART_END);
        name.push_str(number.format(exchange.status));
        operation_len
    }

    /// The window of an operation at this seam.
    fn window(&self, operation: &str) -> Window {
        Window {
            writer: self.writer.to_owned(),
            reader: self.reader.to_owned(),
            operation: operation.to_owned(),
            version: self.version.to_owned(),
            environment: self.environment.to_owned(),
            day: self.day,
        }
    }
}

impl fmt::Debug for Folds<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Folds").field("live", &self.live.len()).finish_non_exhaustive()
    }
}

/// How long the answer took, where there was one.
fn answered_within(exchange: &Exchange<'_>) -> Option<Duration> {
    const SECOND_MS: f64 = 1_000.0;
    let seconds = exchange.latency_ms.filter(|_| exchange.status > 0)? / SECOND_MS;
    Duration::try_from_secs_f64(seconds).ok()
}

fn observe_message(fold: &mut Fold, side: Side, message: &Message<'_>) {
    if message.headers_withheld.is_some() {
        fold.withhold(side, Part::Header);
        if message.media_type.is_none() {
            fold.withhold(side, Part::MediaType);
        }
    }
    let mut lower = String::new();
    for (name, value) in &message.headers {
        let mut name = name.as_ref();
        if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            lower.clear();
            lower.push_str(name);
            lower.make_ascii_lowercase();
            name = &lower;
        }
        if HEADERS_OF_CODES.contains(&name) {
            fold.code(side, Part::Header, name, value.as_bytes());
        } else if !HEADERS_LEFT_OUT.contains(&name) {
            fold.text(side, Part::Header, name, value.as_bytes());
        }
    }
    let essence = message.media_type.as_deref().map(media_type_essence).unwrap_or_default();
    if !essence.is_empty() {
        fold.mark(side, Part::MediaType, &essence, TraitSet::PRESENT);
    }
    match &message.body {
        Body::Absent => {}
        Body::Withheld(_) => fold.body(side, TraitSet::WITHHELD),
        Body::Bytes(bytes) => observe_body(fold, side, &essence, bytes),
        Body::Document(json) => drop(fold.json(side, json)),
    }
}

fn observe_body(fold: &mut Fold, side: Side, essence: &str, bytes: &[u8]) {
    let text = bytes.trim_ascii();
    if text.is_empty() {
        return;
    }
    let is_json = is_json_type(essence) || (essence.is_empty() && matches!(text[0], b'{' | b'['));
    if is_json {
        // Text that is not JSON is a fact of its own, which the fold has noted.
        fold.json(side, bytes).ok();
    } else if essence == "application/x-www-form-urlencoded" {
        for pair in String::from_utf8_lossy(bytes).split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            fold.form_field(side, &decode_form(name), decode_form(value).as_bytes());
        }
    } else {
        fold.body(side, TraitSet::OPAQUE);
    }
}

fn day_of(time_ms: i64) -> i32 {
    const DAY_MS: i64 = 86_400_000;
    i32::try_from(time_ms.div_euclid(DAY_MS)).unwrap_or_default()
}
