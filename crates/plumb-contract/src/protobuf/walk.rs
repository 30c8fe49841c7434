//! Which messages of two versions meet, and which way data flow there.
//!
//! A message meets its namesake; within messages, whatever the same field holds meets. What a
//! service answers flows against what it is asked. Refuses to know what a meeting yields.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::change::{Change, Grade};
use crate::compared::{CHANGES_MAX, Flow, reversed, ways};
use crate::protobuf::enumeration::{Form, enums};
use crate::protobuf::json::in_json;
use crate::protobuf::model::{Index, Kind, Model};
use crate::protobuf::pair::Pair;
use crate::protobuf::wire::on_wire;

/// Pairs of messages and enums looked at, at most.
const PAIRS_MAX: usize = 200_000;

/// Everything that changes for data in one form.
///
/// # Errors
/// Why it was given up.
pub fn walked(
    old: &Model,
    new: &Model,
    flow: Flow,
    form: Form,
) -> Result<Vec<Change>, &'static str> {
    let mut walk = Walk { old, new, form, seen: BTreeSet::new(), waiting: VecDeque::new() };
    let used = (uses(old), uses(new));
    let partners = partners(old, new);
    for (index, partner) in &partners {
        let both = [used.0.get(index), used.1.get(partner)];
        for way in ways_of(both, flow) {
            walk.meet((*index, *partner), way);
        }
    }
    walk.meet_methods(flow);
    let mut changes = Vec::new();
    let mut seen_enums = BTreeSet::new();
    while let Some((index, partner, way)) = walk.waiting.pop_front() {
        let Some(pair) = walk.pair((index, partner), way) else { continue };
        let found = match form {
            Form::Wire => on_wire(&pair),
            Form::Json => in_json(&pair),
        };
        changes.extend(found.changes);
        for within in found.within {
            walk.meet(pair.aged(within), way);
        }
        for (one, other, number) in found.enums {
            let (written, read) = (pair.writer.enums.get(one), pair.reader.enums.get(other));
            if let (Some(written), Some(read), Some(field)) =
                (written, read, pair.written.numbered(number))
                && seen_enums.insert((one, other, way))
            {
                changes.extend(enums(&pair, (written, read), field, form));
            }
        }
        if changes.len() > CHANGES_MAX {
            return Err("the versions have more changes than are told");
        }
        if walk.seen.len() > PAIRS_MAX {
            return Err("the versions make more pairs of messages than are looked at");
        }
    }
    changes.extend(walk.alone(&partners, flow));
    Ok(changes)
}

struct Walk<'a> {
    old: &'a Model,
    new: &'a Model,
    form: Form,
    seen: BTreeSet<(Index, Index, Flow)>,
    waiting: VecDeque<(Index, Index, Flow)>,
}

impl<'a> Walk<'a> {
    /// Notes that an old and a new message meet.
    fn meet(&mut self, (old, new): (Index, Index), way: Flow) {
        if self.seen.insert((old, new, way)) {
            self.waiting.push_back((old, new, way));
        }
    }

    /// Notes what the methods of both versions send, whatever it is called now.
    fn meet_methods(&mut self, flow: Flow) {
        for service in &self.old.services {
            let partner = self.new.services.iter().find(|other| other.name == service.name);
            let others = partner.map(|it| it.methods.as_slice()).unwrap_or_default();
            for method in &service.methods {
                let Some(other) = others.iter().find(|it| it.name == method.name) else { continue };
                for way in ways(flow) {
                    self.meet((method.input, other.input), *way);
                }
                for way in ways(reversed(flow)) {
                    self.meet((method.output, other.output), *way);
                }
            }
        }
    }

    fn pair(&self, (old, new): (Index, Index), way: Flow) -> Option<Pair<'a>> {
        let (writer, reader) = match way {
            Flow::NewWrites => ((self.new, new), (self.old, old)),
            _ => ((self.old, old), (self.new, new)),
        };
        let (written, read) = (writer.0.message(writer.1)?, reader.0.message(reader.1)?);
        Some(Pair { writer: writer.0, reader: reader.0, written, read, way })
    }

    /// Messages that came or went and that nothing leads to.
    fn alone(&self, partners: &[(Index, Index)], flow: Flow) -> Vec<Change> {
        let met: BTreeSet<Index> = self.seen.iter().map(|(old, ..)| *old).collect();
        let paired: BTreeSet<Index> = partners.iter().map(|(old, _)| *old).collect();
        let mut changes = Vec::new();
        for (index, message) in self.old.messages.iter().enumerate() {
            let is_known = paired.contains(&index) || met.contains(&index);
            if message.is_given && !message.is_entry && !is_known {
                let shown = match self.form {
                    Form::Wire => "bytes",
                    Form::Json => "JSON",
                };
                changes.push(Change {
                    grade: Grade::Risky,
                    rule: "message-removed",
                    subject: format!("message {}", message.name),
                    place: String::new(),
                    direction: flow,
                    old: message.spot.clone(),
                    new: None,
                    reason: format!("the new version does not know whose {shown} these are"),
                    witness: None,
                });
            }
        }
        changes
    }
}

/// Old messages with their new ones: of the same name, or of the same name in a package that was
/// renamed.
fn partners(old: &Model, new: &Model) -> Vec<(Index, Index)> {
    let by_name = |model: &Model, strip: bool| -> BTreeMap<String, Index> {
        let given = model.messages.iter().enumerate().filter(|(_, it)| it.is_given && !it.is_entry);
        given
            .map(|(at, it)| {
                let name = if strip { without_package(model, &it.name) } else { &it.name };
                (name.to_owned(), at)
            })
            .collect()
    };
    let new_names = by_name(new, false);
    let mut found: Vec<(Index, Index)> = Vec::new();
    let mut left = Vec::new();
    for (name, index) in by_name(old, false) {
        match new_names.get(&name) {
            Some(partner) => found.push((index, *partner)),
            None => left.push((name, index)),
        }
    }
    let taken: BTreeSet<Index> = found.iter().map(|(_, new)| *new).collect();
    let short_names = by_name(new, true);
    for (name, index) in left {
        let partner = short_names.get(without_package(old, &name));
        if let Some(partner) = partner.filter(|partner| !taken.contains(partner)) {
            found.push((index, *partner));
        }
    }
    found
}

/// A name without the package of its file.
fn without_package<'a>(model: &Model, name: &'a str) -> &'a str {
    let rest = |package: &str| name.strip_prefix(package)?.strip_prefix('.');
    let packages = model.files.iter().map(|file| file.package.as_str());
    packages.filter_map(rest).min_by_key(|rest| rest.len()).unwrap_or(name)
}

/// Whether a message is asked and whether it is answered.
type Use = (bool, bool);

fn uses(model: &Model) -> BTreeMap<Index, Use> {
    let mut uses: BTreeMap<Index, Use> = BTreeMap::new();
    let mut waiting: Vec<(Index, Use)> = Vec::new();
    for method in model.services.iter().flat_map(|service| &service.methods) {
        waiting.push((method.input, (true, false)));
        waiting.push((method.output, (false, true)));
    }
    while let Some((index, (asked, answered))) = waiting.pop() {
        let known = uses.entry(index).or_default();
        let now = (known.0 || asked, known.1 || answered);
        if *known == now {
            continue;
        }
        *known = now;
        let fields = model.message(index).map(|it| it.fields.as_slice()).unwrap_or_default();
        for field in fields {
            if let Kind::Message(within) | Kind::Group(within) = field.kind {
                waiting.push((within, now));
            }
        }
    }
    uses
}

/// The ways that a message flows: as it is asked, against that where it is answered, and as said
/// where no service uses it.
fn ways_of(uses: [Option<&Use>; 2], flow: Flow) -> BTreeSet<Flow> {
    let asked = uses.iter().flatten().any(|(asked, _)| *asked);
    let answered = uses.iter().flatten().any(|(_, answered)| *answered);
    let mut found = BTreeSet::new();
    if asked || !answered {
        found.extend(ways(flow));
    }
    if answered {
        found.extend(ways(reversed(flow)));
    }
    found
}
