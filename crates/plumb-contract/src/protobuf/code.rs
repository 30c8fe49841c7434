//! Code that was written against what is generated: names, types and where they are found. Which
//! version writes does not matter to it. Refuses to know data.

use std::collections::BTreeMap;

use crate::change::{Change, Grade, Spot};
use crate::compared::Flow;
use crate::protobuf::model::{Enum, Field, Kind, Label, Message, Method, Model, Service, Source};

/// Everything that code meets otherwise.
#[must_use]
pub fn in_code(old: &Model, new: &Model, flow: Flow) -> Vec<Change> {
    let mut telling = Telling { flow, changes: Vec::new() };
    let messages: BTreeMap<&str, &Message> =
        new.messages.iter().filter(|it| it.is_given).map(|it| (it.name.as_str(), it)).collect();
    let enums: BTreeMap<&str, &Enum> =
        new.enums.iter().filter(|it| it.is_given).map(|it| (it.name.as_str(), it)).collect();
    for message in old.messages.iter().filter(|it| it.is_given && !it.is_entry) {
        let subject = format!("message {}", message.name);
        match messages.get(message.name.as_str()) {
            None => telling.gone("message-removed", (&subject, ""), &message.spot, &message.name),
            Some(other) => fields(&mut telling, (old, message), (new, other)),
        }
    }
    for named in old.enums.iter().filter(|it| it.is_given) {
        let subject = format!("enum {}", named.name);
        match enums.get(named.name.as_str()) {
            None => telling.gone("enum-removed", (&subject, ""), &named.spot, &named.name),
            Some(other) => values(&mut telling, named, other),
        }
    }
    for service in &old.services {
        let subject = format!("service {}", service.name);
        match new.services.iter().find(|it| it.name == service.name) {
            None => telling.gone("service-removed", (&subject, ""), &service.spot, &service.name),
            Some(other) => methods(&mut telling, (old, service), (new, other)),
        }
    }
    for file in &old.files {
        sources(&mut telling, file, new);
    }
    telling.changes
}

struct Telling {
    flow: Flow,
    changes: Vec<Change>,
}

/// A fact's grade and rule, and why.
type Said<'a> = (Grade, &'static str, &'a str);

impl Telling {
    fn gone(&mut self, rule: &'static str, whose: (&str, &str), old: &Option<Spot>, name: &str) {
        let spots = (old.clone(), None);
        self.tell(
            (Grade::Breaking, rule, "code that names it does not compile"),
            whose,
            spots,
            name,
        );
    }

    /// Tells a fact of `(subject, place)`; `name` is what code fails at.
    fn tell(
        &mut self,
        (grade, rule, why): Said<'_>,
        (subject, place): (&str, &str),
        (old, new): (Option<Spot>, Option<Spot>),
        name: &str,
    ) {
        self.changes.push(Change {
            grade,
            rule,
            subject: subject.to_owned(),
            place: place.to_owned(),
            direction: self.flow,
            old,
            new,
            reason: why.to_owned(),
            witness: (grade == Grade::Breaking).then(|| name.to_owned()),
        });
    }
}

fn fields(
    telling: &mut Telling,
    (old, message): (&Model, &Message),
    (new, other): (&Model, &Message),
) {
    let subject = format!("message {}", message.name);
    for field in &message.fields {
        let name = format!("{}.{}", message.name, field.name);
        let place = format!("field {} {}", field.number, field.name);
        let named = other.fields.iter().find(|it| it.name == field.name);
        let Some(named) = named else {
            let numbered = other.numbered(field.number);
            let rule = if numbered.is_some() { "field-renamed" } else { "field-removed" };
            telling.gone(rule, (&subject, &place), &field.spot, &name);
            continue;
        };
        let spots = || (field.spot.clone(), named.spot.clone());
        for said in differences((old, field), (new, named)) {
            telling.tell(said, (&subject, &place), spots(), &name);
        }
    }
    for field in &other.fields {
        let is_known =
            message.fields.iter().any(|it| it.name == field.name || it.number == field.number);
        if !is_known {
            let place = format!("field {} {}", field.number, field.name);
            let said = (Grade::Safe, "field-added", "code that does not name it goes on");
            telling.tell(said, (&subject, &place), (None, field.spot.clone()), "");
        }
    }
}

fn differences<'a>(
    (old, field): (&Model, &Field),
    (new, named): (&Model, &Field),
) -> Vec<Said<'a>> {
    let entries = (old.entry(field.kind), new.entry(named.kind));
    let is_same_kind = match entries {
        (Some((key, value)), Some((other_key, other_value))) => {
            is_same((old, key), (new, other_key)) && is_same((old, value), (new, other_value))
        }
        (None, None) => is_same((old, field), (new, named)),
        _ => false,
    };
    let mut said = Vec::new();
    if !is_same_kind {
        said.push((Grade::Breaking, "field-type-changed", "it is of another type in code"));
    } else if field.label.is_many() != named.label.is_many() {
        let rule = if named.label.is_many() {
            "singular-became-repeated"
        } else {
            "repeated-became-singular"
        };
        said.push((Grade::Breaking, rule, "a list and a single value are of different types"));
    } else if presence_of(field.label) != presence_of(named.label) {
        let rule = match presence_of(named.label) {
            Some(true) => "presence-added",
            _ => "presence-removed",
        };
        said.push((Grade::Risky, rule, "in languages with optional types it is of another type"));
    }
    if field.label != named.label
        && (field.label == Label::Required || named.label == Label::Required)
    {
        let rule = if named.label == Label::Required {
            "field-became-required"
        } else {
            "field-became-optional"
        };
        said.push((Grade::Risky, rule, "in languages with optional types it is of another type"));
    }
    if field.choice != named.choice {
        let rule = match (&field.choice, &named.choice) {
            (None, _) => "field-moved-into-oneof",
            (_, None) => "field-moved-out-of-oneof",
            _ => "oneof-renamed",
        };
        said.push((Grade::Breaking, rule, "members of a choice are set and asked for otherwise"));
    }
    if field.number != named.number {
        let why = "code does not name numbers, save where it was generated to";
        said.push((Grade::Safe, "field-number-changed", why));
    }
    if field.default != named.default {
        said.push((Grade::Risky, "field-default-changed", "code is given another value"));
    }
    said
}

fn is_same((old, field): (&Model, &Field), (new, other): (&Model, &Field)) -> bool {
    let is_named = |kind: Kind| !matches!(kind, Kind::Scalar(_));
    is_named(field.kind) == is_named(other.kind)
        && old.kind_name(field.kind) == new.kind_name(other.kind)
}

/// Whether code can tell that a single field is not there.
fn presence_of(label: Label) -> Option<bool> {
    match label {
        Label::Implicit => Some(false),
        Label::Explicit | Label::Required => Some(true),
        Label::Repeated | Label::Packed => None,
    }
}

fn values(telling: &mut Telling, old: &Enum, new: &Enum) {
    let subject = format!("enum {}", old.name);
    for value in &old.values {
        let place = format!("value {} {}", value.number, value.name);
        let name = format!("{}.{}", old.name, value.name);
        match new.named(&value.name) {
            None => {
                let is_renamed = new.numbered(value.number).is_some();
                let rule = if is_renamed { "enum-value-renamed" } else { "enum-value-removed" };
                telling.gone(rule, (&subject, &place), &value.spot, &name);
            }
            Some(other) if other.number != value.number => {
                let said = (
                    Grade::Risky,
                    "enum-value-number-changed",
                    "code that stores or compares the number meets another",
                );
                let spots = (value.spot.clone(), other.spot.clone());
                telling.tell(said, (&subject, &place), spots, &name);
            }
            Some(_) => {}
        }
    }
    for value in &new.values {
        let is_known = old.named(&value.name).is_some() || old.numbered(value.number).is_some();
        if !is_known {
            let place = format!("value {} {}", value.number, value.name);
            let said = (
                Grade::Risky,
                "enum-value-added",
                "code that tells all values apart does not compile, or takes none of its ways",
            );
            telling.tell(said, (&subject, &place), (None, value.spot.clone()), "");
        }
    }
    if old.is_closed != new.is_closed {
        let rule = if new.is_closed { "enum-closed" } else { "enum-opened" };
        let said = (
            Grade::Risky,
            rule,
            "numbers without a name are kept in one and not in the other, and languages generate \
             different types",
        );
        telling.tell(said, (&subject, ""), (old.spot.clone(), new.spot.clone()), &old.name);
    }
}

fn methods(
    telling: &mut Telling,
    (old, service): (&Model, &Service),
    (new, other): (&Model, &Service),
) {
    let subject = format!("service {}", service.name);
    for method in &service.methods {
        let place = format!("method {}", method.name);
        let name = format!("{}.{}", service.name, method.name);
        let Some(same) = other.methods.iter().find(|it| it.name == method.name) else {
            telling.gone("method-removed", (&subject, &place), &method.spot, &name);
            continue;
        };
        let spots = || (method.spot.clone(), same.spot.clone());
        let types = |model: &Model, it: &Method| {
            [it.input, it.output].map(|index| model.message(index).map(|it| it.name.clone()))
        };
        let (were, are) = (types(old, method), types(new, same));
        let rules = ["request-type-changed", "response-type-changed"];
        for ((was, is), rule) in were.iter().zip(&are).zip(rules) {
            if was != is {
                let said = (Grade::Breaking, rule, "it is of another type in code");
                telling.tell(said, (&subject, &place), spots(), &name);
            }
        }
        let streams = [
            ("request-stream-changed", method.streams_input != same.streams_input),
            ("response-stream-changed", method.streams_output != same.streams_output),
        ];
        for (rule, _) in streams.into_iter().filter(|(_, is_changed)| *is_changed) {
            let said = (Grade::Breaking, rule, "a stream and a message are of different types");
            telling.tell(said, (&subject, &place), spots(), &name);
        }
    }
    for method in &other.methods {
        if !service.methods.iter().any(|it| it.name == method.name) {
            let place = format!("method {}", method.name);
            let said = (
                Grade::Safe,
                "method-added",
                "what is generated for servers answers UNIMPLEMENTED",
            );
            telling.tell(said, (&subject, &place), (None, method.spot.clone()), "");
        }
    }
}

fn sources(telling: &mut Telling, file: &Source, new: &Model) {
    let subject = format!("file {}", file.name);
    let Some(other) = new.files.iter().find(|it| it.name == file.name) else {
        let is_moved = |name: &String| new.files.iter().any(|it| it.defined.contains(name));
        if file.defined.iter().any(is_moved) {
            let said =
                (Grade::Breaking, "file-moved", "languages that import by file do not find it");
            telling.tell(said, (&subject, ""), (file.spot.clone(), None), &file.name);
        }
        return;
    };
    let spots = || (file.spot.clone(), other.spot.clone());
    for name in &file.defined {
        let elsewhere =
            new.files.iter().find(|it| it.name != file.name && it.defined.contains(name));
        if let Some(elsewhere) = elsewhere.filter(|_| !other.defined.contains(name)) {
            let said = (
                Grade::Breaking,
                "definition-moved",
                "languages that import by file do not find it",
            );
            let to = (file.spot.clone(), elsewhere.spot.clone());
            telling.tell(said, (&subject, name), to, name);
        }
    }
    if file.package != other.package {
        let said = (Grade::Breaking, "package-changed", "every name in it is another");
        telling.tell(said, (&subject, ""), spots(), &file.package);
    }
    if file.is_proto2 != other.is_proto2 {
        let said = (Grade::Risky, "syntax-changed", "what is generated for the two differs");
        telling.tell(said, (&subject, ""), spots(), &file.name);
    }
    let names: Vec<&'static str> =
        file.options.iter().chain(&other.options).map(|(name, _)| *name).collect();
    for name in names {
        let value = |it: &Source| {
            it.options.iter().find(|(other, _)| *other == name).map(|(_, value)| value.clone())
        };
        if value(file) != value(other) {
            let grade = if moves(name) { Grade::Breaking } else { Grade::Risky };
            let said = (
                grade,
                "file-option-changed",
                "what is generated is found elsewhere, or offers something else",
            );
            telling.tell(said, (&subject, name), spots(), name);
        }
    }
}

/// Whether an option names where generated code is found.
fn moves(option: &str) -> bool {
    !matches!(option, "optimize_for" | "cc_enable_arenas" | "java_string_check_utf8")
}
