//! What alterations make of one table.
//!
//! Refuses to know other statements.

use crate::change::Spot;
use crate::sql::define::{add_column, add_constraint, add_option, full_name, rename, word};
use crate::sql::model::{Base, Table};
use crate::sql::stored::stored;
use sqlparser::ast::{
    AlterColumnOperation, AlterTable, AlterTableOperation as Operation, ColumnOption, DataType,
    RenameTableNameKind,
};

/// Applies all alterations of one statement.
pub(super) fn alter(base: &mut Base, at: &Spot, statement: &AlterTable) {
    let name = full_name(&statement.name);
    let Some(mut table) = base.tables.remove(&name) else {
        if !statement.if_exists {
            base.tell(at, "an alteration of a table that is not there".to_owned());
        }
        return;
    };
    let mut renamed = None;
    for operation in &statement.operations {
        match operation {
            Operation::RenameTable {
                table_name: RenameTableNameKind::As(new) | RenameTableNameKind::To(new),
            } => renamed = Some(full_name(new)),
            operation if one(&mut table, at, operation) => {}
            _ => base.tell(at, "an alteration of a table that is not followed".to_owned()),
        }
    }
    base.tables.insert(name.clone(), table);
    if let Some(new) = renamed {
        rename(base, &name, new);
    }
}

/// Applies one alteration; false where it is not followed.
fn one(table: &mut Table, at: &Spot, operation: &Operation) -> bool {
    match operation {
        Operation::AddColumn { column_def, if_not_exists, .. } => {
            return add_column(table, at, column_def) || *if_not_exists;
        }
        Operation::DropColumn { column_names, .. } => {
            for name in column_names.iter().map(word) {
                drop_column(table, &name);
            }
        }
        Operation::RenameColumn { old_column_name, new_column_name } => {
            return rename_column(table, &word(old_column_name), &word(new_column_name));
        }
        Operation::ChangeColumn { old_name, new_name, data_type, options, .. } => {
            if !rename_column(table, &word(old_name), &word(new_name)) {
                return false;
            }
            redefine(table, at, &word(new_name), (data_type, options));
        }
        Operation::ModifyColumn { col_name, data_type, options, .. } => {
            redefine(table, at, &word(col_name), (data_type, options));
        }
        Operation::AlterColumn { column_name, op } => {
            return alter_column(table, at, &word(column_name), op);
        }
        Operation::AddConstraint { constraint, .. } => add_constraint(table, at, constraint),
        Operation::DropConstraint { name, .. } => drop_constraint(table, &word(name)),
        Operation::DropIndex { name } => {
            let name = Some(word(name));
            table.keys.retain(|key| key.name != name);
        }
        Operation::DropForeignKey { name, .. } => {
            let name = Some(word(name));
            table.foreign.retain(|foreign| foreign.name != name);
        }
        Operation::DropPrimaryKey { .. } => table.keys.retain(|key| !key.is_primary),
        Operation::RenameConstraint { old_name, new_name } => {
            let (old, new) = (Some(word(old_name)), Some(word(new_name)));
            let keys = table.keys.iter_mut().map(|key| &mut key.name);
            let checks = table.checks.iter_mut().map(|check| &mut check.name);
            let foreign = table.foreign.iter_mut().map(|foreign| &mut foreign.name);
            for name in keys.chain(checks).chain(foreign).filter(|name| **name == old) {
                name.clone_from(&new);
            }
        }
        Operation::OwnerTo { .. }
        | Operation::SetLogged
        | Operation::SetUnlogged
        | Operation::ReplicaIdentity { .. }
        | Operation::Algorithm { .. }
        | Operation::Lock { .. }
        | Operation::AutoIncrement { .. }
        | Operation::ValidateConstraint { .. }
        | Operation::DisableTrigger { .. }
        | Operation::EnableTrigger { .. } => {}
        _ => return false,
    }
    true
}

fn drop_column(table: &mut Table, name: &str) {
    table.columns.retain(|column| column.name != name);
    table.keys.retain(|key| !key.columns.contains(name));
    table.foreign.retain(|foreign| !foreign.columns.iter().any(|column| column == name));
    table.checks.retain(|check| check.values.as_ref().is_none_or(|(column, _)| column != name));
}

/// Calls a column otherwise; false where another one is called so.
fn rename_column(table: &mut Table, old: &str, new: &str) -> bool {
    if old != new && table.column(new).is_some() {
        return false;
    }
    if let Some(column) = table.column_mut(old) {
        new.clone_into(&mut column.name);
    }
    for key in table.keys.iter_mut().filter(|key| key.columns.contains(old)) {
        key.columns.remove(old);
        key.columns.insert(new.to_owned());
    }
    for foreign in &mut table.foreign {
        for column in foreign.columns.iter_mut().filter(|column| *column == old) {
            new.clone_into(column);
        }
    }
    for check in &mut table.checks {
        if let Some((column, _)) = check.values.as_mut().filter(|(column, _)| column == old) {
            new.clone_into(column);
        }
    }
    true
}

/// Defines a column anew; in MySQL what is not said again is gone.
fn redefine(
    table: &mut Table,
    at: &Spot,
    name: &str,
    (kind, options): (&DataType, &[ColumnOption]),
) {
    let is_primary = table.keys.iter().any(|key| key.is_primary && key.columns.contains(name));
    if let Some(column) = table.column_mut(name) {
        column.stored = stored(kind);
        column.is_nullable = !is_primary;
        column.default = None;
        column.is_computed = false;
        column.at = at.clone();
    }
    for option in options {
        add_option(table, at, name, (None, option));
    }
}

fn alter_column(
    table: &mut Table,
    at: &Spot,
    name: &str,
    operation: &AlterColumnOperation,
) -> bool {
    let Some(column) = table.column_mut(name) else { return false };
    column.at = at.clone();
    match operation {
        AlterColumnOperation::SetNotNull => column.is_nullable = false,
        AlterColumnOperation::DropNotNull => column.is_nullable = true,
        AlterColumnOperation::SetDefault { value } => column.default = Some(value.to_string()),
        AlterColumnOperation::DropDefault => column.default = None,
        AlterColumnOperation::SetDataType { data_type, .. } => column.stored = stored(data_type),
        AlterColumnOperation::AddGenerated { .. } => {
            column.default = Some("the next number".to_owned());
        }
    }
    true
}

fn drop_constraint(table: &mut Table, name: &str) {
    let is_named = |own: &Option<String>| own.as_deref() == Some(name);
    // PostgreSQL names a primary key after its table where nobody else does.
    table.keys.retain(|key| {
        !(is_named(&key.name) || key.is_primary && key.name.is_none() && name.ends_with("_pkey"))
    });
    table.checks.retain(|check| !is_named(&check.name));
    table.foreign.retain(|foreign| !is_named(&foreign.name));
}
