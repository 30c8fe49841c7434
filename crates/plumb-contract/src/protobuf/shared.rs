//! What the wire and JSON have in common: whether a field is there, and which of a choice. Refuses
//! to know how either is written.

use crate::change::{Change, Grade};
use crate::protobuf::model::{Field, Kind, Label};
use crate::protobuf::pair::{Fact, Pair, fact};

/// What changes about whether a single field is there, and what its absence means. `without` is a
/// message that lacks it.
#[must_use]
pub fn presence(
    pair: &Pair<'_>,
    (written, read): (&Field, &Field),
    without: Option<String>,
) -> Vec<Fact> {
    let mut facts = Vec::new();
    if written.label.is_many() || read.label.is_many() {
        return facts;
    }
    match (written.label, read.label) {
        (one, other) if one == other => {}
        (_, Label::Required) => facts.push(Fact {
            witness: without,
            ..fact(
                Grade::Breaking,
                pair.edit("field-became-required", "field-became-optional"),
                "the reader refuses messages without it",
            )
        }),
        (Label::Required, _) => facts.push(fact(
            Grade::Safe,
            pair.edit("field-became-optional", "field-became-required"),
            "it is always written",
        )),
        (Label::Implicit, Label::Explicit) => facts.push(fact(
            Grade::Risky,
            pair.edit("presence-added", "presence-removed"),
            "a zero is not written, and a reader that tells absence apart sees none",
        )),
        _ => facts.push(fact(
            Grade::Risky,
            pair.edit("presence-removed", "presence-added"),
            "a reader that cannot tell absence apart takes it for a zero",
        )),
    }
    let is_scalar = matches!(written.kind, Kind::Scalar(_) | Kind::Enum(_));
    if written.default != read.default && is_scalar && written.label != Label::Required {
        facts.push(fact(
            Grade::Risky,
            "field-default-changed",
            "where it is not written the two versions take different values for it",
        ));
    }
    facts
}

/// Fields that a reader takes one of, and a writer may write together. `both` shows a message that
/// has both.
#[must_use]
pub fn choices(pair: &Pair<'_>, both: impl Fn(&Field, &Field) -> Option<String>) -> Vec<Change> {
    let mut changes = Vec::new();
    for read in pair.read.fields.iter().filter(|read| read.choice.is_some()) {
        let Some(written) = pair.written.numbered(read.number) else { continue };
        let others = pair
            .read
            .fields
            .iter()
            .filter(|other| other.choice == read.choice && other.number != read.number);
        let apart = others
            .filter_map(|other| pair.written.numbered(other.number))
            .find(|other| other.choice.is_none() || other.choice != written.choice);
        let choice = read.choice.as_deref().unwrap_or_default();
        if let Some(other) = apart {
            let rule = pair.edit("field-moved-into-oneof", "field-moved-out-of-oneof");
            let reason = format!(
                "`{}` and `{}` may both be written, and a reader keeps one of `{choice}`",
                written.name, other.name
            );
            let witness = both(written, other);
            changes.push(pair.change(
                (Some(written), Some(read)),
                Fact { witness, ..fact(Grade::Breaking, rule, reason) },
            ));
        } else if written.choice.is_none() {
            let rule = pair.edit("field-moved-into-oneof", "field-moved-out-of-oneof");
            let reason = format!("no other member of `{choice}` is written beside it");
            changes.push(pair.change((Some(written), Some(read)), fact(Grade::Safe, rule, reason)));
        }
    }
    for written in pair.written.fields.iter().filter(|written| written.choice.is_some()) {
        let Some(read) = pair.read.numbered(written.number) else { continue };
        if read.choice.is_none() && !read.label.is_many() {
            let rule = pair.edit("field-moved-out-of-oneof", "field-moved-into-oneof");
            changes.push(pair.change(
                (Some(written), Some(read)),
                fact(Grade::Safe, rule, "it is read whatever else is there"),
            ));
        }
    }
    changes
}
