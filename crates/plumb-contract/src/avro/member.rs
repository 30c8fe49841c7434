//! Facts of what named types are made of: symbols of enums and fields of records. Refuses to know
//! types without names.

use crate::avro::fact::{Fact, Judging, own};
use crate::avro::matching::taken_field;
use crate::avro::schema::{Field, Kind, Place, Type};
use crate::change::Grade;
use crate::compared::Flow;

impl Judging<'_> {
    pub(super) fn symbols(&self, at: usize, (writer, reader): (&Type, &Type)) -> Vec<Fact> {
        let (Kind::Enum(_, written), Kind::Enum(_, read)) = (&writer.kind, &reader.kind) else {
            return Vec::new();
        };
        let places = (writer.place, reader.place);
        let mut facts = Vec::new();
        if let Some(default) = &read.default {
            let unknown = written.all.iter().filter(|symbol| !read.all.contains(symbol));
            facts.extend(unknown.map(|symbol| Fact {
                witness: Some(self.met.embedded(at, symbol.as_str().into())),
                ..own(
                    Grade::Risky,
                    self.edit("enum-symbol-removed", "enum-symbol-added"),
                    format!("symbol {symbol}"),
                    places,
                    format!("`{symbol}` is read as the default `{default}`"),
                )
            }));
        }
        let spare = read.all.iter().filter(|symbol| !written.all.contains(symbol));
        let rule = self.edit("enum-symbol-added", "enum-symbol-removed");
        facts.extend(spare.map(|symbol| {
            own(
                Grade::Safe,
                rule,
                format!("symbol {symbol}"),
                places,
                "a symbol that is read and not written".to_owned(),
            )
        }));
        if self.way == Flow::OldWrites && written.default != read.default {
            let (grade, why) = match (&written.default, &read.default) {
                (None, _) => (Grade::Safe, "symbols that no version knows have a default now"),
                _ => (Grade::Risky, "symbols of other writers are read otherwise than before"),
            };
            facts.push(own(grade, "enum-default-changed", String::new(), places, why.to_owned()));
        }
        facts
    }

    pub(super) fn fields(&self, at: usize, (writer, reader): (&Type, &Type)) -> Vec<Fact> {
        let (written, read) = (writer.fields(), reader.fields());
        let mut facts = Vec::new();
        let mut left: Vec<&Field> = read.iter().collect();
        let mut alone: Vec<&Field> = Vec::new();
        for field in written {
            let taken = taken_field(written, field, read).and_then(|taken| read.get(taken));
            let Some(taken) = taken else {
                alone.push(field);
                continue;
            };
            left.retain(|other| other.name != taken.name);
            let places = (field.place, taken.place);
            if taken.name != field.name {
                let reason = format!("`{}` is read as `{}` by an alias", field.name, taken.name);
                let place = format!("field {}", field.name);
                facts.push(own(Grade::Safe, "field-renamed", place, places, reason));
            }
            facts.extend(self.default_changed(field, taken));
        }
        for field in &alone {
            let rule = self.edit("field-removed", "field-added");
            let reason = "a field that is written and passed over".to_owned();
            let fact = own(
                Grade::Safe,
                rule,
                format!("field {}", field.name),
                (field.place, reader.place),
                reason,
            );
            facts.push(fact);
        }
        for field in left.iter().filter(|field| field.default.is_some()) {
            let places = (writer.place, field.place);
            facts.push(self.filled(at, field, &alone, places));
        }
        facts
    }

    /// A field that is not written and filled by the reader's default.
    fn filled(&self, at: usize, field: &Field, alone: &[&Field], places: (Place, Place)) -> Fact {
        let name = &field.name;
        let alike = alone.iter().find(|other| {
            self.met.writer.described(other.held) == self.met.reader.described(field.held)
        });
        let (grade, rule, reason) = match (self.way, alike) {
            (Flow::NewWrites, _) => (
                Grade::Risky,
                "field-removed",
                format!("readers of `{name}` are given its default from now on"),
            ),
            (_, Some(other)) => (
                Grade::Risky,
                "field-renamed-without-alias",
                format!(
                    "`{}` is gone and `{name}` of the same type is new: if it is the same, its \
                     values are lost to the default",
                    other.name
                ),
            ),
            (_, None) => (
                Grade::Safe,
                "field-added",
                format!("data without `{name}` are read with its default"),
            ),
        };
        let witness = (grade == Grade::Risky).then(|| self.met.example(at));
        Fact { witness, ..own(grade, rule, format!("field {name}"), places, reason) }
    }

    fn default_changed(&self, field: &Field, taken: &Field) -> Option<Fact> {
        if self.way != Flow::OldWrites || field.default == taken.default {
            return None;
        }
        let (grade, rule, why) = match (&field.default, &taken.default) {
            (None, _) => (Grade::Safe, "default-added", "data that lack the field are read now"),
            (_, None) => (
                Grade::Risky,
                "default-removed",
                "data of writers that lack the field, older than both versions, are refused from \
                 now on",
            ),
            _ => (
                Grade::Risky,
                "default-changed",
                "data of writers that lack the field, older than both versions, are read \
                 otherwise than before",
            ),
        };
        let place = format!("field {}", field.name);
        Some(own(grade, rule, place, (field.place, taken.place), why.to_owned()))
    }
}
