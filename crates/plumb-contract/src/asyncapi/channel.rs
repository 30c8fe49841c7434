//! Channels of a description and what is done on them.
//!
//! In 2.x the words are those of the partner: where it may `publish`, the application receives.
//! From 3.0 on they are those of the application. Refuses to know what two versions change.

use crate::asyncapi::message::{MESSAGES_MAX, choice, message};
use crate::asyncapi::model::{Action, Channel, Draft, Language, Message, Parameter, Payload};
use crate::asyncapi::model::{Generation, Schema, Use};
use crate::asyncapi::traits::Layers;
use crate::openapi::document::{Links, Spot};
use crate::openapi::work::Work;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Channels of one description at most: the largest public ones have some hundreds.
const CHANNELS_MAX: usize = 10_000;

/// Operations of one description at most.
const OPERATIONS_MAX: usize = 50_000;

/// Channels in 2.x, each under its address.
pub(super) fn two<'t>(work: &mut Work<'_, 't>) -> Vec<Channel<'t>> {
    let mut channels = Vec::new();
    for (address, at) in listed(work) {
        let mut channel = channel(work, address, at);
        channel.address = Some(address);
        channel.servers = at.get("servers").map(|servers| {
            servers.items().filter_map(|name| name.node.as_str().map(str::to_owned)).collect()
        });
        for (key, action) in [("publish", Action::Receive), ("subscribe", Action::Send)] {
            let Some(operation) = at.get(key).and_then(|spot| work.resolve(spot)) else { continue };
            let messages = operation.get("message").map(|spot| choice(work, spot));
            let layers = Layers::new(work, Generation::Two, operation);
            let parts = (messages.unwrap_or_default(), layers);
            add(work, &mut channel, action, (operation, parts));
        }
        channels.push(channel);
    }
    channels
}

/// Channels from 3.0 on, with the operations that refer to them.
pub(super) fn three<'t>(work: &mut Work<'_, 't>, links: &Links<'t>) -> Vec<Channel<'t>> {
    let mut channels = Vec::new();
    let mut held = Vec::new();
    for (key, at) in listed(work) {
        let mut channel = channel(work, key, at);
        channel.address = at.text("address");
        channel.servers = at.get("servers").map(|servers| {
            servers.items().filter_map(|each| tail(each).map(str::to_owned)).collect()
        });
        held.push(at.get("messages").into_iter().flat_map(Spot::entries).collect::<Vec<_>>());
        channels.push(channel);
    }
    let all = work.root.get("operations");
    let operations = all.map(|spot| work.members(spot, "`operations`")).unwrap_or_default();
    for (count, (_, spot)) in operations.into_iter().enumerate() {
        if count >= OPERATIONS_MAX {
            work.tell(spot, format!("there are more than {OPERATIONS_MAX} operations"));
            break;
        }
        let Some(at) = work.resolve(spot) else { continue };
        let mut placing = Placing { links, channels: &mut channels, held: &held };
        placing.operation(work, at);
    }
    for (channel, held) in channels.iter_mut().zip(&held) {
        if channel.uses.is_empty() && !held.is_empty() {
            let messages = messages(work, held);
            let (action, at) = (Action::Unsaid, channel.at);
            let (bindings, security) = (Vec::new(), Vec::new());
            channel.uses.insert(action, Use { messages, bindings, security, at });
        }
    }
    channels
}

/// Operations on their way to the channels that they refer to.
struct Placing<'p, 't> {
    links: &'p Links<'t>,
    channels: &'p mut [Channel<'t>],
    /// The messages of each channel.
    held: &'p [Vec<(&'t str, Spot<'t>)>],
}

impl<'t> Placing<'_, 't> {
    fn operation(&mut self, work: &mut Work<'_, 't>, at: Spot<'t>) {
        let (action, reply_action) = match at.text("action") {
            Some("receive") => (Action::Receive, Action::SendReply),
            Some("send") => (Action::Send, Action::ReceiveReply),
            _ => return work.tell(at, "an operation neither sends nor receives".to_owned()),
        };
        let Some(number) = at.get("channel").and_then(|spot| self.number(spot)) else {
            return work.tell(at, "the channel of an operation is not among `channels`".to_owned());
        };
        let layers = Layers::new(work, Generation::Three, at);
        let messages = self.chosen(work, at, number);
        if let Some(channel) = self.channels.get_mut(number) {
            add(work, channel, action, (at, (messages, layers)));
        }
        let Some(reply) = at.get("reply").and_then(|spot| work.resolve(spot)) else { return };
        let number = match reply.get("channel") {
            Some(spot) => self.number(spot),
            None if reply.get("messages").is_some() => Some(number),
            None => return,
        };
        let Some(number) = number else {
            return work.tell(reply, "the channel of a reply is not among `channels`".to_owned());
        };
        let messages = self.chosen(work, reply, number);
        let layers = Layers::new(work, Generation::Three, reply);
        if let Some(channel) = self.channels.get_mut(number) {
            add(work, channel, reply_action, (reply, (messages, layers)));
        }
    }

    /// The messages that an operation names, or all of its channel.
    fn chosen(&self, work: &mut Work<'_, 't>, at: Spot<'t>, number: usize) -> Vec<Message<'t>> {
        match at.get("messages") {
            Some(listed) => {
                let named = listed.items().take(MESSAGES_MAX);
                let named: Vec<_> = named.map(|spot| (tail(spot), spot)).collect();
                let read = |(key, spot)| {
                    // The reference leads to a message of the channel, which may be one itself.
                    message(work, Generation::Three, key, spot)
                };
                named.into_iter().filter_map(read).collect()
            }
            None => match self.held.get(number) {
                Some(held) => messages(work, held),
                None => Vec::new(),
            },
        }
    }

    /// The channel that a reference leads to.
    fn number(&self, spot: Spot<'t>) -> Option<usize> {
        let found = self.links.resolve(spot).ok()?;
        let is_here = |channel: &Channel<'t>| std::ptr::eq(channel.at.node, found.node);
        let key = tail(spot);
        let mut here = self.channels.iter().enumerate().filter(|(_, channel)| is_here(channel));
        let first = here.next()?;
        // Two keys may share one channel of the components: then the key tells which is meant.
        let named = here.find(|(_, channel)| Some(channel.key) == key);
        Some(if Some(first.1.key) == key { first.0 } else { named.unwrap_or(first).0 })
    }
}

/// The last part of what a reference names.
fn tail<'t>(spot: Spot<'t>) -> Option<&'t str> {
    spot.text("$ref")?.rsplit('/').next()
}

fn messages<'t>(work: &mut Work<'_, 't>, held: &[(&'t str, Spot<'t>)]) -> Vec<Message<'t>> {
    let read =
        |(key, spot): &(&'t str, Spot<'t>)| message(work, Generation::Three, Some(key), *spot);
    held.iter().take(MESSAGES_MAX).filter_map(read).collect()
}

fn listed<'t>(work: &mut Work<'_, 't>) -> Vec<(&'t str, Spot<'t>)> {
    let Some(channels) = work.root.get("channels") else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (key, spot) in work.members(channels, "`channels`") {
        if found.len() >= CHANNELS_MAX {
            work.tell(spot, format!("there are more than {CHANNELS_MAX} channels"));
            break;
        }
        if key.starts_with("x-") {
            continue;
        }
        let Some(at) = work.resolve(spot) else { continue };
        if at.node.entries().is_empty() && !matches!(at.node.value, plumb_tree::Value::Object(_)) {
            work.tell(at, format!("a channel is {}, not an object", at.node.kind_name()));
            continue;
        }
        found.push((key, at));
    }
    found
}

/// A channel on which nothing is done yet.
fn channel<'t>(work: &mut Work<'_, 't>, key: &'t str, at: Spot<'t>) -> Channel<'t> {
    let mut parameters = BTreeMap::new();
    for (name, spot) in at.get("parameters").into_iter().flat_map(Spot::entries) {
        let Some(spot) = work.resolve(spot) else { continue };
        parameters.insert(name, parameter(spot));
    }
    let bindings = at.get("bindings").and_then(|spot| work.resolve(spot));
    let (address, servers, uses) = (None, None, BTreeMap::new());
    Channel { key, address, parameters, uses, servers, bindings, at }
}

/// A parameter: in 2.x it has a schema, from 3.0 on it is text with or without a list of values.
fn parameter(at: Spot<'_>) -> Parameter<'_> {
    let schema = match at.get("schema") {
        Some(schema) => Schema::At(schema),
        None => {
            let mut said = Map::from_iter([("type".to_owned(), json!("string"))]);
            if let Some(values) = at.get("enum") {
                let values = values.items().filter_map(|value| value.node.as_str());
                said.insert("enum".to_owned(), values.collect());
            }
            Schema::Made(Value::Object(said), at)
        }
    };
    Parameter { schema, location: at.text("location"), at }
}

impl<'t> Parameter<'t> {
    /// What describes it, as parts of messages are described.
    pub(super) fn described(&self) -> Payload<'t> {
        Payload { language: Language::Json(Draft::Seven), schema: self.schema.clone() }
    }
}

/// Adds an operation to what is done on a channel. A message is kept once.
fn add<'t>(
    work: &mut Work<'_, 't>,
    channel: &mut Channel<'t>,
    action: Action,
    (at, (messages, layers)): (Spot<'t>, (Vec<Message<'t>>, Layers<'t>)),
) {
    let each = channel.uses.entry(action).or_insert_with(|| Use {
        messages: Vec::new(),
        bindings: Vec::new(),
        security: Vec::new(),
        at,
    });
    each.bindings.extend(layers.get("bindings").and_then(|spot| work.resolve(spot)));
    each.security.extend(layers.get("security"));
    for message in messages {
        let is_known = |known: &Message<'t>| std::ptr::eq(known.at.node, message.at.node);
        if !each.messages.iter().any(is_known) && each.messages.len() < MESSAGES_MAX {
            each.messages.push(message);
        }
    }
}
