//! Where two versions of an application meet: channels by address, operations by what the
//! application does, messages by name.
//!
//! What schemas decide is left as questions. Refuses to know how descriptions are written.

use crate::asyncapi::asked::Asked;
use crate::asyncapi::findings::{Findings, Question, Told};
use crate::asyncapi::model::{Action, Channel, Described, Message, Use};
use crate::asyncapi::rule::{self, Part};
use crate::asyncapi::server;
use crate::compared::Flow;

/// Everything that two descriptions change.
pub(super) fn judged<'t>(old: &Described<'t>, new: &Described<'t>, asked: Asked) -> Findings<'t> {
    let (changes, questions, unread) = (Vec::new(), Vec::new(), Vec::new());
    let mut findings = Findings { changes, questions, unread, flow: asked.flow };
    server::compare(&mut findings, &old.servers, &new.servers);
    let pairs = paired(&old.channels, &new.channels);
    for (channel, other) in old.channels.iter().zip(&pairs) {
        match other.and_then(|number| new.channels.get(number)) {
            Some(other) => channels(&mut findings, channel, other),
            None => {
                let told = Told::new(subject_of(channel), String::new(), findings.flow_of(channel));
                let told = told.was(channel.at).witness(channel.name().to_owned());
                findings.tell(&rule::CHANNEL_REMOVED, told, "the channel is gone");
            }
        }
    }
    for (number, channel) in new.channels.iter().enumerate() {
        if !pairs.contains(&Some(number)) {
            let told = Told::new(subject_of(channel), String::new(), findings.flow_of(channel));
            findings.tell(&rule::CHANNEL_ADDED, told.is(channel.at), "the channel is new");
        }
    }
    findings
}

fn subject_of(channel: &Channel<'_>) -> String {
    format!("channel {}", channel.name())
}

/// The channel of the new version that each of the old one became: the one with the same address,
/// else the one with the same key.
fn paired(old: &[Channel<'_>], new: &[Channel<'_>]) -> Vec<Option<usize>> {
    let mut pairs = vec![None; old.len()];
    let mut taken = vec![false; new.len()];
    let is_same: [fn(&Channel<'_>, &Channel<'_>) -> bool; 3] = [
        |one, other| one.key == other.key && one.form() == other.form(),
        |one, other| one.form().is_some() && one.form() == other.form(),
        |one, other| one.key == other.key,
    ];
    for is_same in is_same {
        for (channel, pair) in old.iter().zip(&mut pairs).filter(|(_, pair)| pair.is_none()) {
            let mut fresh = new.iter().zip(&mut taken).enumerate();
            let found = fresh.find(|(_, (other, taken))| !**taken && is_same(channel, other));
            if let Some((number, (_, taken))) = found {
                *taken = true;
                *pair = Some(number);
            }
        }
    }
    pairs
}

fn channels<'t>(findings: &mut Findings<'t>, old: &Channel<'t>, new: &Channel<'t>) {
    let direction = findings.flow_of(new);
    let told = |place: &str| {
        Told::new(subject_of(new), place.to_owned(), direction).was(old.at).is(new.at)
    };
    if old.form() != new.form() {
        let name = |channel: &Channel<'t>| channel.address.unwrap_or("unknown").to_owned();
        let what = format!("`{}` became `{}`", name(old), name(new));
        findings.tell(&rule::CHANNEL_ADDRESS, told("address").witness(name(old)), &what);
    }
    let is_on_fewer = match (&old.servers, &new.servers) {
        (Some(old), Some(new)) => old.iter().any(|name| !new.contains(name)) && !new.is_empty(),
        (None, Some(new)) => !new.is_empty(),
        _ => false,
    };
    if is_on_fewer {
        findings.tell(&rule::CHANNEL_SERVERS, told("servers"), "it is on other servers");
    }
    findings.same([old.bindings, new.bindings], &rule::BINDINGS, told("bindings"));
    parameters(findings, (old, new), direction);
    let actions = old.uses.keys().chain(new.uses.keys());
    let mut actions: Vec<Action> = actions.copied().collect();
    actions.sort_unstable();
    actions.dedup();
    for action in actions {
        // What no operation speaks of is met by each operation that the other version has.
        let unsaid = |channel: &Channel<'t>| channel.uses.contains_key(&Action::Unsaid);
        if action == Action::Unsaid && !(unsaid(old) && unsaid(new)) {
            continue;
        }
        let one = |channel: &'_ Channel<'t>| channel.uses.get(&action).map(|_| action);
        let key = |channel: &Channel<'t>| {
            one(channel).or(unsaid(channel).then_some(Action::Unsaid)).unwrap_or(action)
        };
        let meeting = Meeting { subject: format!("{} {}", action.name(), new.name()), action };
        match (old.uses.get(&key(old)), new.uses.get(&key(new))) {
            (Some(old), Some(new)) => uses(findings, &meeting, old, new),
            (Some(gone), None) => operation_gone(findings, &meeting, gone),
            (None, Some(fresh)) => operation_new(findings, &meeting, fresh),
            (None, None) => {}
        }
    }
}

/// Parameters are met by their place in the address, since their names are not part of it.
fn parameters<'t>(
    findings: &mut Findings<'t>,
    (old, new): (&Channel<'t>, &Channel<'t>),
    direction: Flow,
) {
    let names = |channel: &Channel<'t>| -> Vec<&'t str> {
        let parts = channel.address.unwrap_or_default().split('{').skip(1);
        parts.filter_map(|part| Some(part.split_once('}')?.0)).collect()
    };
    for (was, name) in names(old).into_iter().zip(names(new)) {
        let (Some(was), Some(is)) = (old.parameters.get(was), new.parameters.get(name)) else {
            continue;
        };
        let place = format!("parameter {name}");
        if was.location != is.location {
            let told = Told::new(subject_of(new), place.clone(), direction).was(was.at).is(is.at);
            findings.tell(&rule::PARAMETER_LOCATION, told, "it is found in another place");
        }
        findings.questions.push(Question {
            subject: subject_of(new),
            place,
            part: Part::Parameter,
            direction,
            old: was.described(),
            new: is.described(),
        });
    }
}

/// What two operations meet about.
struct Meeting {
    subject: String,
    action: Action,
}

impl Meeting {
    fn told<'t>(&self, findings: &Findings<'t>, place: String) -> Told<'t> {
        Told::new(self.subject.clone(), place, self.action.flow(findings.flow))
    }

    /// Whether partners write what is met about, as far as is known.
    fn is_received(&self, findings: &Findings<'_>) -> bool {
        self.action.flow(findings.flow) != Flow::NewWrites
    }
}

fn operation_gone<'t>(findings: &mut Findings<'t>, meeting: &Meeting, gone: &Use<'t>) {
    let (rule, what) = match meeting.action {
        Action::Receive | Action::Unsaid => (&rule::OPERATION_REMOVED, "it is no longer received"),
        Action::Send => (&rule::OPERATION_GONE_QUIET, "it is no longer sent"),
        Action::SendReply => (&rule::REPLY_REMOVED, "it is no longer answered"),
        Action::ReceiveReply => (&rule::REPLY_IGNORED, "no answer is expected any more"),
    };
    let told = meeting.told(findings, String::new()).was(gone.at);
    let named = gone.messages.first().map(|message| message.name.clone());
    let told = told.witness(named.unwrap_or_else(|| "any message".to_owned()));
    findings.tell(rule, told, what);
}

fn operation_new<'t>(findings: &mut Findings<'t>, meeting: &Meeting, fresh: &Use<'t>) {
    let (rule, what) = match meeting.action {
        Action::Receive | Action::Unsaid => (&rule::OPERATION_ADDED, "it is received now"),
        Action::Send => (&rule::OPERATION_SENDS, "it is sent now"),
        Action::SendReply => (&rule::REPLY_ADDED, "it is answered now"),
        Action::ReceiveReply => (&rule::REPLY_EXPECTED, "an answer is expected now"),
    };
    let told = meeting.told(findings, String::new()).is(fresh.at);
    findings.tell(rule, told.witness("no answer".to_owned()), what);
}

fn uses<'t>(findings: &mut Findings<'t>, meeting: &Meeting, old: &Use<'t>, new: &Use<'t>) {
    let pairs = matched(&old.messages, &new.messages);
    for (message, other) in old.messages.iter().zip(&pairs) {
        match other.and_then(|number| new.messages.get(number)) {
            Some(other) => messages(findings, meeting, message, other),
            None => {
                let place = format!("message {}", message.name);
                let told = meeting.told(findings, place).was(message.at);
                let is_received = meeting.is_received(findings);
                let rule =
                    if is_received { &rule::MESSAGE_REMOVED } else { &rule::MESSAGE_NOT_SENT };
                findings.tell(rule, told.witness(message.name.clone()), "the message is gone");
            }
        }
    }
    for (number, message) in new.messages.iter().enumerate() {
        if !pairs.contains(&Some(number)) {
            let place = format!("message {}", message.name);
            let told = meeting.told(findings, place).is(message.at);
            let is_taken = meeting.action.flow(findings.flow) == Flow::OldWrites;
            let rule = if is_taken { &rule::MESSAGE_TAKEN } else { &rule::MESSAGE_SENT };
            findings.tell(rule, told, "the message is new");
        }
    }
    for (number, bindings) in new.bindings.iter().enumerate() {
        let both = [old.bindings.get(number).copied(), Some(*bindings)];
        let told = meeting.told(findings, "bindings".to_owned()).was(old.at);
        findings.same(both, &rule::BINDINGS, told);
    }
    for (number, security) in new.security.iter().enumerate() {
        let both = [old.security.get(number).copied(), Some(*security)];
        let told = meeting.told(findings, "security".to_owned()).was(old.at);
        findings.same(both, &rule::SECURITY, told);
    }
}

/// The message of the new version that each of the old one became: the one of the same name; and
/// where one alone is left on both sides, that one.
fn matched(old: &[Message<'_>], new: &[Message<'_>]) -> Vec<Option<usize>> {
    let mut taken = vec![false; new.len()];
    let mut pairs = Vec::new();
    for message in old {
        let mut fresh = new.iter().zip(&mut taken).enumerate();
        let found = fresh.find(|(_, (other, taken))| !**taken && other.name == message.name);
        pairs.push(found.map(|(number, (_, taken))| {
            *taken = true;
            number
        }));
    }
    let mut lonely = pairs.iter_mut().filter(|pair| pair.is_none());
    if let (Some(pair), None) = (lonely.next(), lonely.next()) {
        let mut left = taken.iter().enumerate().filter(|(_, taken)| !**taken);
        if let (Some((number, _)), None) = (left.next(), left.next())
            && old.len() == 1
        {
            *pair = Some(number);
        }
    }
    pairs
}

fn messages<'t>(
    findings: &mut Findings<'t>,
    meeting: &Meeting,
    old: &Message<'t>,
    new: &Message<'t>,
) {
    let place = |part: &str| format!("message {} {part}", new.name).trim_end().to_owned();
    let told = |findings: &Findings<'t>, part: &str| {
        meeting.told(findings, place(part)).was(old.at).is(new.at)
    };
    if old.name != new.name {
        let what = format!("`{}` became `{}`", old.name, new.name);
        findings.tell(&rule::MESSAGE_RENAMED, told(findings, ""), &what);
    }
    let types = [old, new].map(|message| message.content_type.map(str::to_ascii_lowercase));
    if let [was, is] = &types
        && was != is
    {
        let name = |text: &Option<String>| text.clone().unwrap_or_else(|| "unsaid".to_owned());
        let what = format!("`{}` became `{}`", name(was), name(is));
        let rule = if is_kin(was.as_deref(), is.as_deref()) {
            &rule::CONTENT_TYPE_KIN
        } else {
            &rule::CONTENT_TYPE
        };
        let written = if meeting.is_received(findings) { was } else { is };
        let told =
            told(findings, "content type").witness(format!("content type {}", name(written)));
        findings.tell(rule, told, &what);
    }
    if old.correlation != new.correlation {
        let name = |message: &Message<'t>| message.correlation.unwrap_or("nowhere");
        let what = format!("`{}` became `{}`", name(old), name(new));
        findings.tell(&rule::CORRELATION, told(findings, "correlation id"), &what);
    }
    let bindings = told(findings, "bindings");
    findings.same([old.bindings, new.bindings], &rule::BINDINGS, bindings);
    for (part, name) in [(Part::Payload, "payload"), (Part::Headers, "headers")] {
        let of = |message: &Message<'t>| match part {
            Part::Headers => message.headers.clone(),
            Part::Payload | Part::Parameter => message.payload.clone(),
        };
        findings.questions.push(Question {
            subject: meeting.subject.clone(),
            place: place(name),
            part,
            direction: meeting.action.flow(findings.flow),
            old: of(old),
            new: of(new),
        });
    }
}

/// Whether two types are written alike as far as is known: both JSON, or one is not said.
fn is_kin(one: Option<&str>, other: Option<&str>) -> bool {
    let is_json = |text: &str| {
        let kind = text.split(';').next().unwrap_or_default().trim();
        kind == "application/json" || kind.ends_with("+json")
    };
    match (one, other) {
        (Some(one), Some(other)) => {
            let kind = |text: &str| text.split(';').next().map(|kind| kind.trim().to_owned());
            is_json(one) && is_json(other) || kind(one) == kind(other)
        }
        _ => true,
    }
}
