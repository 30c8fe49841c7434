//! One table in two versions: its columns, keys and conditions.
//!
//! Refuses to know other tables.

use crate::sql::findings::{Findings, Told};
use crate::sql::fit::{Fit, fit};
use crate::sql::model::{Check, Column, Foreign, Key, List, Table};
use crate::sql::rule;
use crate::sql::stored::{Stored, quoted};
use std::collections::BTreeSet;

/// Compares one table, the old version and the new one.
pub(super) fn tables(findings: &mut Findings, name: &str, [old, new]: &[Table; 2]) {
    let subject = format!("table {name}");
    let told = Told {
        subject,
        place: String::new(),
        old: Some(old.at.clone()),
        new: Some(new.at.clone()),
        witness: None,
    };
    let pair = Pair { name, old, new, told };
    columns(findings, &pair);
    keys(findings, &pair);
    checks(findings, &pair);
    foreign(findings, &pair);
}

/// A table in both versions.
struct Pair<'p> {
    name: &'p str,
    old: &'p Table,
    new: &'p Table,
    told: Told,
}

impl Pair<'_> {
    /// A row as old code writes it: what it has to, and these besides.
    fn insert(&self, with: &[(&str, String)]) -> String {
        let mut names = Vec::new();
        let mut values = Vec::new();
        for column in &self.old.columns {
            let given = with.iter().find(|(name, _)| *name == column.name);
            if let Some((_, value)) = given {
                values.push(value.clone());
            } else if column.is_required() {
                values.push(column.stored.sample());
            } else {
                continue;
            }
            names.push(column.name.as_str());
        }
        let name = self.name;
        if names.is_empty() {
            return format!("INSERT INTO {name} DEFAULT VALUES");
        }
        format!("INSERT INTO {name} ({}) VALUES ({})", names.join(", "), values.join(", "))
    }

    /// The smallest value of each of these columns.
    fn samples<'n>(&self, names: impl Iterator<Item = &'n String>) -> Vec<(&'n str, String)> {
        let sample =
            |name: &'n String| Some((name.as_str(), self.old.column(name)?.stored.sample()));
        names.filter_map(sample).collect()
    }

    /// Rows with the same values in these columns.
    fn twice(&self, columns: &BTreeSet<String>) -> String {
        let with = self.samples(columns.iter());
        format!("{}, twice", self.insert(&with))
    }
}

fn columns(findings: &mut Findings, pair: &Pair<'_>) {
    let (old, new) = (pair.old, pair.new);
    let fresh: Vec<&Column> =
        new.columns.iter().filter(|column| old.column(&column.name).is_none()).collect();
    let gone: Vec<&Column> =
        old.columns.iter().filter(|column| new.column(&column.name).is_none()).collect();
    for column in &gone {
        let told = pair.told.at(format!("column {}", column.name), Some(&column.at), Some(&new.at));
        let told = told.witness(format!("SELECT {} FROM {}", column.name, pair.name));
        let what = match (gone.as_slice(), fresh.as_slice()) {
            ([_], [other]) if other.stored == column.stored => {
                format!("the column is gone, or is `{}` now", other.name)
            }
            _ => "the column is gone".to_owned(),
        };
        findings.tell(&rule::COLUMN_REMOVED, told, &what);
    }
    for column in fresh {
        let told = pair.told.at(format!("column {}", column.name), Some(&old.at), Some(&column.at));
        if column.is_required() {
            let told = told.witness(pair.insert(&[]));
            findings.tell(&rule::COLUMN_REQUIRED_ADDED, told, "it is new and must be written");
        } else {
            findings.tell(&rule::COLUMN_ADDED, told, "the column is new");
        }
    }
    for column in &old.columns {
        if let Some(other) = new.column(&column.name) {
            one_column(findings, pair, column, other);
        }
    }
}

fn one_column(findings: &mut Findings, pair: &Pair<'_>, old: &Column, new: &Column) {
    let name = old.name.as_str();
    let told = pair.told.at(format!("column {name}"), Some(&old.at), Some(&new.at));
    kinds(findings, pair, &told, [old, new]);
    if old.is_nullable && !new.is_nullable {
        let told = told.clone().witness(pair.insert(&[(name, "NULL".to_owned())]));
        findings.tell(&rule::NOT_NULL, told, "null is refused");
    }
    if !old.is_nullable && new.is_nullable {
        let told = told.clone().witness(format!("a row with {name} = NULL"));
        findings.tell(&rule::NULLABLE, told, "null is taken");
    }
    if !old.is_computed && new.is_computed {
        let given = pair.insert(&[(name, old.stored.sample())]);
        findings.tell(&rule::COMPUTED, told.clone().witness(given), "it is worked out now");
    }
    match (&old.default, &new.default) {
        (Some(_), None) if !new.is_computed => {
            if new.is_required() && !old.is_required() {
                let told = told.witness(pair.insert(&[]));
                findings.tell(&rule::DEFAULT_NEEDED, told, "nothing stands in any more");
            } else {
                findings.tell(&rule::DEFAULT_REMOVED, told, "nothing stands in any more");
            }
        }
        (None, Some(_)) => findings.tell(&rule::DEFAULT_ADDED, told, "a default stands in now"),
        (Some(was), Some(is)) if was != is => {
            let what = format!("the default `{was}` became `{is}`");
            findings.tell(&rule::DEFAULT_CHANGED, told, &what);
        }
        _ => {}
    }
}

/// Whether the values of one column are those of the other, in both directions.
fn kinds(findings: &mut Findings, pair: &Pair<'_>, told: &Told, [old, new]: [&Column; 2]) {
    let name = old.name.as_str();
    let what = format!("{} became {}", old.stored.text(), new.stored.text());
    let (into, back) = (fit(&old.stored, &new.stored), fit(&new.stored, &old.stored));
    if into == Fit::Other || back == Fit::Other {
        let told = told.clone().witness(pair.insert(&[(name, old.stored.sample())]));
        return findings.tell(&rule::COLUMN_TYPE, told, &what);
    }
    if into == Fit::Unsure || back == Fit::Unsure {
        let is_known = |stored: &Stored| {
            !matches!(stored, Stored::Named(_) | Stored::Other(_) | Stored::List(_))
        };
        let rule = if is_known(&old.stored) && is_known(&new.stored) {
            &rule::COLUMN_UNSURE
        } else {
            &rule::COLUMN_UNDECIDED
        };
        return findings.tell(rule, told.clone(), &what);
    }
    match into {
        Fit::TooLarge(value) | Fit::TooLong(value) => {
            let told = told.clone().witness(pair.insert(&[(name, value)]));
            findings.tell(&rule::COLUMN_NARROWED, told, &what);
        }
        Fit::Unknown(words) => {
            let value = words.first().cloned().unwrap_or_default();
            let told = told.clone().witness(pair.insert(&[(name, value)]));
            let what = format!("{} went", words.join(", "));
            findings.tell(&rule::VALUES_REMOVED, told, &what);
        }
        Fit::Yes | Fit::Other | Fit::Unsure => {}
    }
    match back {
        Fit::TooLarge(value) => {
            let told = told.clone().witness(format!("a row with {name} = {value}"));
            findings.tell(&rule::COLUMN_WIDENED, told, &what);
        }
        Fit::TooLong(_) => findings.tell(&rule::COLUMN_LONGER, told.clone(), &what),
        Fit::Unknown(words) => {
            let what = format!("{} came", words.join(", "));
            findings.tell(&rule::VALUES_ADDED, told.clone(), &what);
        }
        Fit::Yes | Fit::Other | Fit::Unsure => {}
    }
}

fn keys(findings: &mut Findings, pair: &Pair<'_>) {
    let place = |key: &Key| {
        let columns: Vec<&str> = key.columns.iter().map(String::as_str).collect();
        format!("key ({})", columns.join(", "))
    };
    // A key is implied by one over fewer columns, for all rows or the same ones.
    let implies = |one: &Key, other: &Key| {
        one.columns.is_subset(&other.columns)
            && (one.condition.is_none() || one.condition == other.condition)
    };
    for key in &pair.new.keys {
        let is_known = key.columns.iter().all(|name| pair.old.column(name).is_some());
        if !pair.old.keys.iter().any(|other| implies(other, key)) && is_known {
            let told = pair.told.at(place(key), Some(&pair.old.at), Some(&key.at));
            let told = told.witness(pair.twice(&key.columns));
            findings.tell(&rule::KEY_ADDED, told, "no two rows have the same values there");
        }
    }
    for key in &pair.old.keys {
        if !pair.new.keys.iter().any(|other| implies(other, key)) {
            let told = pair.told.at(place(key), Some(&key.at), Some(&pair.new.at));
            findings.tell(&rule::KEY_REMOVED, told, "two rows may have the same values there");
        }
    }
}

fn checks(findings: &mut Findings, pair: &Pair<'_>) {
    // Lists of one column's values are compared as what they leave together.
    let same = |one: &Check, other: &Check| match (&one.values, &other.values) {
        (Some((column, _)), Some((other, _))) => column == other,
        _ => one.text == other.text,
    };
    for check in &pair.new.checks {
        if !pair.old.checks.iter().any(|other| same(other, check)) {
            let told = pair.told.at(format!("check {}", check.text), None, Some(&check.at));
            let shown = format!("a row for which {} is false", check.text);
            findings.tell(&rule::CHECK_ADDED, told.witness(shown), "the condition is new");
        }
    }
    for check in &pair.old.checks {
        if !pair.new.checks.iter().any(|other| same(other, check)) {
            let told = pair.told.at(format!("check {}", check.text), Some(&check.at), None);
            findings.tell(&rule::CHECK_REMOVED, told, "the condition is gone");
        }
    }
    let lists = pair.old.checks.iter().filter_map(|check| check.values.as_ref());
    for column in lists.map(|(column, _)| column.as_str()).collect::<BTreeSet<&str>>() {
        if let (Some(was), Some(is)) = (pair.old.list(column), pair.new.list(column)) {
            listed(findings, pair, column, [&was, &is]);
        }
    }
}

/// A list of values of one column in both versions.
fn listed(findings: &mut Findings, pair: &Pair<'_>, column: &str, [was, is]: [&List<'_>; 2]) {
    let told = pair.told.at(format!("column {column}"), Some(was.at), Some(is.at));
    let some = |list: &List<'_>, other: &List<'_>| -> Vec<String> {
        list.values.difference(&other.values).map(|word| quoted(word)).collect()
    };
    let (gone, fresh) = (some(was, is), some(is, was));
    if let Some(first) = gone.first() {
        let shown = pair.insert(&[(column, first.clone())]);
        let what = format!("{} went", gone.join(", "));
        findings.tell(&rule::VALUES_REMOVED, told.clone().witness(shown), &what);
    }
    if !fresh.is_empty() {
        let what = format!("{} came", fresh.join(", "));
        findings.tell(&rule::VALUES_ADDED, told, &what);
    }
}

fn foreign(findings: &mut Findings, pair: &Pair<'_>) {
    let same =
        |one: &Foreign, other: &Foreign| one.columns == other.columns && one.table == other.table;
    let place = |foreign: &Foreign| format!("foreign key ({})", foreign.columns.join(", "));
    for each in &pair.new.foreign {
        let is_known = each.columns.iter().any(|name| pair.old.column(name).is_some());
        if !pair.old.foreign.iter().any(|other| same(other, each)) && is_known {
            let told = pair.told.at(place(each), Some(&pair.old.at), Some(&each.at));
            let with = pair.samples(each.columns.iter());
            let shown = format!("{}, without such a row in {}", pair.insert(&with), each.table);
            let what = format!("it names rows of `{}`", each.table);
            findings.tell(&rule::FOREIGN_ADDED, told.witness(shown), &what);
        }
    }
    for each in &pair.old.foreign {
        if !pair.new.foreign.iter().any(|other| same(other, each)) {
            let told = pair.told.at(place(each), Some(&each.at), Some(&pair.new.at));
            let what = format!("it need not name rows of `{}`", each.table);
            findings.tell(&rule::FOREIGN_REMOVED, told, &what);
        }
    }
}
