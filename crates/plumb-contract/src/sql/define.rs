//! What definitions say of a table: columns, what stands beside them, and conditions.
//!
//! Refuses to know statements.

use crate::change::Spot;
use crate::sql::model::{Base, Check, Column, Foreign, Key, Table};
use crate::sql::spot::spot;
use crate::sql::stored::stored;
use sqlparser::ast::{
    BinaryOperator, ColumnDef, ColumnOption, Expr, GeneratedAs, Ident, IndexColumn, ObjectName,
    TableConstraint, Value,
};
use std::collections::BTreeSet;

/// Adds a column with what is said beside it; false where there is one of that name.
pub(super) fn add_column(table: &mut Table, near: &Spot, definition: &ColumnDef) -> bool {
    let name = word(&definition.name);
    if table.column(&name).is_some() {
        return false;
    }
    let start = definition.name.span.start;
    let at =
        if start.line == 0 { near.clone() } else { spot(&near.file, (start.line, start.column)) };
    let numbered = definition.data_type.to_string().to_ascii_lowercase().contains("serial");
    table.columns.push(Column {
        name: name.clone(),
        stored: stored(&definition.data_type),
        is_nullable: !numbered,
        default: numbered.then(|| "the next number".to_owned()),
        is_computed: false,
        at: at.clone(),
    });
    for option in &definition.options {
        let said = (option.name.as_ref().map(word), &option.option);
        add_option(table, &at, &name, said);
    }
    true
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

/// Gives a table another name.
pub(super) fn rename(base: &mut Base, old: &str, new: String) {
    if let Some(table) = base.tables.remove(old) {
        base.tables.insert(new, table);
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

pub(super) fn named(columns: &[IndexColumn]) -> BTreeSet<String> {
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
