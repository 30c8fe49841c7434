//! An application as its description tells it: servers, channels, and what it sends and receives
//! there, whichever version of AsyncAPI says so.
//!
//! Refuses to know how descriptions are written, and what two of them change.

use crate::compared::{Flow, Unread};
use crate::openapi::document::Spot;
use std::collections::BTreeMap;

/// Which way a description is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Generation {
    /// 2.0 to 2.6: operations stand in channels.
    Two,
    /// 3.0 and 3.1: operations refer to channels.
    Three,
}

/// One version of a description.
#[derive(Debug)]
pub(super) struct Described<'t> {
    pub(super) servers: Vec<Server<'t>>,
    pub(super) channels: Vec<Channel<'t>>,
    pub(super) unread: Vec<Unread>,
    /// Whether it is a description at all.
    pub(super) is_read: bool,
}

/// Where messages travel through.
#[derive(Debug)]
pub(super) struct Server<'t> {
    pub(super) name: &'t str,
    pub(super) address: String,
    pub(super) protocol: String,
    pub(super) protocol_version: Option<&'t str>,
    pub(super) security: Option<Spot<'t>>,
    pub(super) bindings: Option<Spot<'t>>,
    pub(super) at: Spot<'t>,
}

/// A named way for messages.
#[derive(Debug)]
pub(super) struct Channel<'t> {
    pub(super) key: &'t str,
    /// Its address; `None` where it is only known at run time.
    pub(super) address: Option<&'t str>,
    pub(super) parameters: BTreeMap<&'t str, Parameter<'t>>,
    /// What is done on it, all operations with the same action as one.
    pub(super) uses: BTreeMap<Action, Use<'t>>,
    /// The servers it is on, where it says.
    pub(super) servers: Option<Vec<String>>,
    pub(super) bindings: Option<Spot<'t>>,
    pub(super) at: Spot<'t>,
}

/// What the application does on a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Action {
    /// It reads what its partners write.
    Receive,
    /// It writes what its partners read.
    Send,
    /// It answers what it received.
    SendReply,
    /// It is answered what it sent.
    ReceiveReply,
    /// No operation says.
    Unsaid,
}

/// All operations of one action on a channel.
#[derive(Debug)]
pub(super) struct Use<'t> {
    pub(super) messages: Vec<Message<'t>>,
    pub(super) bindings: Vec<Spot<'t>>,
    pub(super) security: Vec<Spot<'t>>,
    pub(super) at: Spot<'t>,
}

/// A part of a channel's address.
#[derive(Debug)]
pub(super) struct Parameter<'t> {
    pub(super) schema: Schema<'t>,
    pub(super) location: Option<&'t str>,
    pub(super) at: Spot<'t>,
}

/// One kind of message.
#[derive(Debug)]
pub(super) struct Message<'t> {
    /// What it goes by; the same in both versions where it is the same message.
    pub(super) name: String,
    pub(super) content_type: Option<&'t str>,
    pub(super) payload: Payload<'t>,
    pub(super) headers: Payload<'t>,
    /// Where the id stands that tells which messages belong together.
    pub(super) correlation: Option<&'t str>,
    pub(super) bindings: Option<Spot<'t>>,
    pub(super) at: Spot<'t>,
}

/// What describes a payload or headers.
#[derive(Clone, Debug)]
pub(super) struct Payload<'t> {
    pub(super) language: Language,
    pub(super) schema: Schema<'t>,
}

/// The language of a schema.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Language {
    /// JSON Schema, in draft 7 or the one it says.
    Json(Draft),
    /// Avro.
    Avro,
    /// Another, by the name of its format.
    Other(String),
}

/// Drafts that formats of schemas name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Draft {
    /// Draft 4.
    Four,
    /// Draft 6.
    Six,
    /// Draft 7, and schemas of AsyncAPI themselves.
    Seven,
    /// 2019-09.
    Nineteen,
    /// 2020-12.
    Twenty,
}

/// Where a schema stands.
#[derive(Clone, Debug)]
pub(super) enum Schema<'t> {
    /// In a file.
    At(Spot<'t>),
    /// Made of several places, or of none; the spot is what it belongs to.
    Made(serde_json::Value, Spot<'t>),
}

impl<'t> Schema<'t> {
    /// The nearest place in a file.
    pub(super) fn spot(&self) -> Spot<'t> {
        match self {
            Self::At(spot) | Self::Made(_, spot) => *spot,
        }
    }
}

impl Action {
    /// What it is called in output.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Receive => "receive",
            Self::Send => "send",
            Self::SendReply => "reply to",
            Self::ReceiveReply => "answer from",
            Self::Unsaid => "channel",
        }
    }

    /// Who writes: `unsaid` where no operation says.
    pub(super) const fn flow(self, unsaid: Flow) -> Flow {
        match self {
            Self::Receive | Self::ReceiveReply => Flow::OldWrites,
            Self::Send | Self::SendReply => Flow::NewWrites,
            Self::Unsaid => unsaid,
        }
    }
}

impl Channel<'_> {
    /// What it is called in output.
    pub(super) fn name(&self) -> &str {
        self.address.unwrap_or(self.key)
    }

    /// The address with all parameters alike, since their names are not part of it.
    pub(super) fn form(&self) -> Option<String> {
        let mut form = String::new();
        let mut rest = self.address?;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((_, after)) = after.split_once('}') else { break };
            form.push_str(before);
            form.push_str("{}");
            rest = after;
        }
        form.push_str(rest);
        Some(form)
    }
}
