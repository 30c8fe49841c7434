//! What single statements make of tables and types.
//!
//! Alterations of one table stand in their own file. Refuses to know files.

use crate::change::Spot;
use crate::sql::alter::alter;
use crate::sql::model::{Base, Check, Column, Foreign, Key, Table};
use crate::sql::read::spot;
use crate::sql::stored::{Stored, stored};
use sqlparser::ast::{
    AlterType, AlterTypeOperation, BinaryOperator, ColumnDef, ColumnOption, CreateIndex,
    CreateTable, Expr, GeneratedAs, Ident, IndexColumn, ObjectName, ObjectType, Statement,
    TableConstraint, UserDefinedTypeRepresentation, Value,
};
use std::collections::BTreeSet;

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

/// Gives a table another name.
pub(super) fn rename(base: &mut Base, old: &str, new: String) {
    if let Some(table) = base.tables.remove(old) {
        base.tables.insert(new, table);
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
        add_column(&mut table, at, definition);
    }
    for constraint in &create.constraints {
        add_constraint(&mut table, at, constraint);
    }
    base.tables.insert(name, table);
}

/// Adds a column with what is said beside it.
pub(super) fn add_column(table: &mut Table, near: &Spot, definition: &ColumnDef) {
    let start = definition.name.span.start;
    let at =
        if start.line == 0 { near.clone() } else { spot(&near.file, (start.line, start.column)) };
    let numbered = definition.data_type.to_string().to_ascii_lowercase().contains("serial");
    table.columns.push(Column {
        name: word(&definition.name),
        stored: stored(&definition.data_type),
        is_nullable: !numbered,
        default: numbered.then(|| "the next number".to_owned()),
        is_computed: false,
        at: at.clone(),
    });
    for option in &definition.options {
        let said = (option.name.as_ref().map(word), &option.option);
        add_option(table, &at, &word(&definition.name), said);
    }
}

/// Takes in what is said beside a column.
pub(super) fn add_option(
    table: &mut Table,
    at: &Spot,
    column: &str,
    (name, option): (Option<String>, &ColumnOption),
) {
    let columns = BTreeSet::from([column.to_owned()]);
    let key = |is_primary| Key {
        name: name.clone(),
        columns,
        is_primary,
        condition: None,
        at: at.clone(),
    };
    match option {
        ColumnOption::PrimaryKey(_) => {
            table.keys.push(key(true));
            primary(table, column);
        }
        ColumnOption::Unique(_) => table.keys.push(key(false)),
        ColumnOption::Check(check) => {
            table.checks.push(checked(at, check.name.as_ref().map(word).or(name), &check.expr));
        }
        ColumnOption::ForeignKey(foreign) => table.foreign.push(Foreign {
            name,
            columns: vec![column.to_owned()],
            table: full_name(&foreign.foreign_table),
            at: at.clone(),
        }),
        option => {
            let Some(column) = table.column_mut(column) else { return };
            match option {
                ColumnOption::Null => column.is_nullable = true,
                ColumnOption::NotNull => column.is_nullable = false,
                ColumnOption::Default(value) => column.default = Some(value.to_string()),
                ColumnOption::Identity(_) => column.default = Some("the next number".to_owned()),
                ColumnOption::Generated { generated_as, generation_expr, .. } => {
                    let is_computed =
                        generation_expr.is_some() || *generated_as == GeneratedAs::Always;
                    column.is_computed = is_computed;
                    if generation_expr.is_none() {
                        column.default = Some("the next number".to_owned());
                        column.is_nullable = false;
                    }
                }
                ColumnOption::DialectSpecific(tokens) => {
                    let text = tokens.iter().map(ToString::to_string).collect::<String>();
                    if text.to_ascii_uppercase().starts_with("AUTO") {
                        column.default = Some("the next number".to_owned());
                    }
                }
                _ => {}
            }
        }
    }
}

/// A column of a primary key is never null.
fn primary(table: &mut Table, column: &str) {
    if let Some(column) = table.column_mut(column) {
        column.is_nullable = false;
    }
}

/// Adds a condition of the table as a whole.
pub(super) fn add_constraint(table: &mut Table, at: &Spot, constraint: &TableConstraint) {
    match constraint {
        TableConstraint::PrimaryKey(it) => {
            let columns = named(&it.columns);
            for column in &columns {
                primary(table, column);
            }
            let name = it.name.as_ref().map(word);
            table.keys.push(Key {
                name,
                columns,
                is_primary: true,
                condition: None,
                at: at.clone(),
            });
        }
        TableConstraint::Unique(it) => {
            let name = it.name.as_ref().or(it.index_name.as_ref()).map(word);
            let columns = named(&it.columns);
            let (is_primary, condition) = (false, None);
            table.keys.push(Key { name, columns, is_primary, condition, at: at.clone() });
        }
        TableConstraint::Check(it) => {
            table.checks.push(checked(at, it.name.as_ref().map(word), &it.expr));
        }
        TableConstraint::ForeignKey(it) => table.foreign.push(Foreign {
            name: it.name.as_ref().map(word),
            columns: it.columns.iter().map(word).collect(),
            table: full_name(&it.foreign_table),
            at: at.clone(),
        }),
        TableConstraint::Exclude(it) => {
            let (text, values) = (it.to_string(), None);
            table.checks.push(Check {
                name: it.name.as_ref().map(word),
                text,
                values,
                at: at.clone(),
            });
        }
        _ => {}
    }
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

/// A condition; a list of values of one column is told as such.
fn checked(at: &Spot, name: Option<String>, condition: &Expr) -> Check {
    let mut inner = condition;
    while let Expr::Nested(deeper) = inner {
        inner = deeper;
    }
    let text = |value: &Expr| match value {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(text.clone()),
            Value::Number(number, _) => Some(number.clone()),
            _ => None,
        },
        _ => None,
    };
    let values = match inner {
        Expr::InList { expr, list, negated: false } => match expr.as_ref() {
            Expr::Identifier(column) => {
                let values: Option<BTreeSet<String>> = list.iter().map(text).collect();
                values.map(|values| (word(column), values))
            }
            _ => None,
        },
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => {
            match (left.as_ref(), text(right)) {
                (Expr::Identifier(column), Some(value)) => {
                    Some((word(column), BTreeSet::from([value])))
                }
                _ => None,
            }
        }
        _ => None,
    };
    Check { name, text: inner.to_string(), values, at: at.clone() }
}

fn named(columns: &[IndexColumn]) -> BTreeSet<String> {
    columns
        .iter()
        .map(|column| match &column.column.expr {
            Expr::Identifier(name) => word(name),
            other => other.to_string(),
        })
        .collect()
}

/// A name as databases compare it: in lower case unless it is quoted.
pub(super) fn word(name: &Ident) -> String {
    match name.quote_style {
        Some('"') => name.value.clone(),
        _ => name.value.to_ascii_lowercase(),
    }
}

/// The name of a table or a type, without the schema that everything is in.
pub(super) fn full_name(name: &ObjectName) -> String {
    let parts = name.0.iter().filter_map(|part| part.as_ident()).map(word);
    let parts: Vec<String> = parts.collect();
    match parts.as_slice() {
        [schema, rest @ ..] if !rest.is_empty() && (schema == "public" || schema == "main") => {
            rest.join(".")
        }
        parts => parts.join("."),
    }
}
