//! What single statements make of tables and types.
//!
//! Alterations of one table stand in their own file. Refuses to know files.

use crate::change::Spot;
use crate::sql::alter::alter;
use crate::sql::define::{add_column, add_constraint, full_name, named, rename, word};
use crate::sql::model::{Base, Key, Table};
use crate::sql::stored::Stored;
use sqlparser::ast::{
    AlterType, AlterTypeOperation, CreateIndex, CreateTable, ObjectType, Statement,
    UserDefinedTypeRepresentation,
};

/// Tables of one schema at most: the largest have some ten thousand.
const TABLES_MAX: usize = 100_000;

/// Applies one statement, which begins at a place.
pub(super) fn apply(base: &mut Base, at: &Spot, statement: &Statement) {
    match statement {
        Statement::CreateTable(create) => create_table(base, at, create),
        Statement::AlterTable(it) => alter(base, at, it),
        Statement::CreateIndex(index) if index.unique => unique_index(base, at, index),
        Statement::CreateIndex(_) => {}
        Statement::CreateType { name, representation } => {
            let name = full_name(name);
            match representation {
                Some(UserDefinedTypeRepresentation::Enum { labels }) => {
                    let labels = labels.iter().map(|label| label.value.clone()).collect();
                    base.enums.insert(name, labels);
                }
                _ => base.tell(at, "only enums among types are compared".to_owned()),
            }
        }
        Statement::AlterType(it) => alter_type(base, at, it),
        Statement::Drop { object_type: ObjectType::Table, names, .. } => {
            for name in names {
                base.tables.remove(&full_name(name));
            }
        }
        Statement::Drop { object_type: ObjectType::Type, names, .. } => {
            for name in names {
                base.enums.remove(&full_name(name));
            }
        }
        Statement::Drop { object_type: ObjectType::Index, names, .. } => {
            let names: Vec<String> = names.iter().map(full_name).collect();
            for table in base.tables.values_mut() {
                table.keys.retain(|key| key.name.as_ref().is_none_or(|name| !names.contains(name)));
            }
        }
        Statement::RenameTable(renamed) => {
            for each in renamed {
                rename(base, &full_name(&each.old_name), full_name(&each.new_name));
            }
        }
        _ => base.tell(at, "a statement about tables that is not followed".to_owned()),
    }
}

fn create_table(base: &mut Base, at: &Spot, create: &CreateTable) {
    let name = full_name(&create.name);
    if create.partition_of.is_some() || create.if_not_exists && base.tables.contains_key(&name) {
        return;
    }
    let is_told = create.query.is_none() && create.like.is_none() && create.inherits.is_none();
    if !is_told || base.tables.len() >= TABLES_MAX {
        return base
            .tell(at, "a table whose columns are told elsewhere is not followed".to_owned());
    }
    let (columns, keys, checks, foreign) = Default::default();
    let mut table = Table { columns, keys, checks, foreign, at: at.clone() };
    for definition in &create.columns {
        if !add_column(&mut table, at, definition) {
            base.tell(at, "a column that is there already".to_owned());
        }
    }
    for constraint in &create.constraints {
        add_constraint(&mut table, at, constraint);
    }
    base.tables.insert(name, table);
}

fn unique_index(base: &mut Base, at: &Spot, index: &CreateIndex) {
    let Some(table) = base.tables.get_mut(&full_name(&index.table_name)) else {
        return base.tell(at, "an index on a table that is not there".to_owned());
    };
    table.keys.push(Key {
        name: index.name.as_ref().map(full_name),
        columns: named(&index.columns),
        is_primary: false,
        condition: index.predicate.as_ref().map(ToString::to_string),
        at: at.clone(),
    });
}

fn alter_type(base: &mut Base, at: &Spot, alter: &AlterType) {
    let name = full_name(&alter.name);
    let Some(labels) = base.enums.get_mut(&name) else {
        return base.tell(at, "an alteration of a type that is not there".to_owned());
    };
    match &alter.operation {
        AlterTypeOperation::AddValue(added) => {
            if !labels.contains(&added.value.value) {
                labels.push(added.value.value.clone());
            }
        }
        AlterTypeOperation::RenameValue(renamed) => {
            for label in labels.iter_mut().filter(|label| **label == renamed.from.value) {
                label.clone_from(&renamed.to.value);
            }
        }
        AlterTypeOperation::Rename(renamed) => {
            let new = word(&renamed.new_name);
            if let Some(labels) = base.enums.remove(&name) {
                base.enums.insert(new.clone(), labels);
            }
            let tables = base.tables.values_mut();
            for column in tables.flat_map(|table| table.columns.iter_mut()) {
                if column.stored == Stored::Named(name.clone()) {
                    column.stored = Stored::Named(new.clone());
                }
            }
        }
    }
}
