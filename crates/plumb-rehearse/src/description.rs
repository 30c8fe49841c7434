//! A database's schema as a map from objects to what defines them, so that two can be compared.
//!
//! The order of columns stands apart: it is lost by every column that is dropped and added again,
//! and only matters to who relies on it. Refuses to know rows.

use crate::column::Tables;
use crate::link::{Link, Refusal, number_at, text_at};
use crate::quote::name;
use std::collections::BTreeMap;

/// What a schema consists of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Description {
    objects: BTreeMap<String, String>,
    orders: BTreeMap<String, String>,
}

/// How two schemas differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// What is missing, too much or different, each in a few words.
    pub objects: Vec<String>,
    /// Tables whose columns stand in another order.
    pub reordered: Vec<String>,
}

/// The relations of people; each part of the question below asks of them.
const OURS: &str = "n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'";

const PARTS: [&str; 11] = [
    "SELECT 'column ' || n.nspname || '.' || c.relname || '.' || a.attname, \
     format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END \
     || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') || a.attidentity::text \
     || a.attgenerated::text || a.attcollation::text \
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
     JOIN pg_namespace n ON n.oid = c.relnamespace \
     LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
     WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r','p','v','m','c') AND ",
    "SELECT 'relation ' || n.nspname || '.' || c.relname, c.relkind::text \
     || c.relpersistence::text \
     || c.relrowsecurity::text || c.relforcerowsecurity::text || coalesce(c.reloptions::text, '') \
     || coalesce(c.relacl::text, '') || coalesce(obj_description(c.oid, 'pg_class'), '') \
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE c.relkind IN ('r','p','v','m','S') AND ",
    "SELECT 'constraint ' || n.nspname || '.' || c.relname || '.' || o.conname, \
     pg_get_constraintdef(o.oid) || o.convalidated::text \
     FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid \
     JOIN pg_namespace n ON n.oid = c.relnamespace WHERE o.contype <> 'n' AND ",
    "SELECT 'index ' || n.nspname || '.' || c.relname, pg_get_indexdef(c.oid) \
     || i.indisvalid::text || i.indisclustered::text \
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
     JOIN pg_index i ON i.indexrelid = c.oid WHERE ",
    "SELECT 'view ' || n.nspname || '.' || c.relname, pg_get_viewdef(c.oid) FROM pg_class c \
     JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('v','m') AND ",
    "SELECT 'function ' || n.nspname || '.' || p.proname || '(' \
     || pg_get_function_identity_arguments(p.oid) || ')', pg_get_functiondef(p.oid) \
     || coalesce(p.proacl::text, '') FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace \
     WHERE p.prokind IN ('f','p') AND p.oid >= 16384 AND ",
    "SELECT 'trigger ' || n.nspname || '.' || c.relname || '.' || t.tgname, \
     pg_get_triggerdef(t.oid) || t.tgenabled::text FROM pg_trigger t \
     JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
     WHERE NOT t.tgisinternal AND ",
    "SELECT 'type ' || n.nspname || '.' || t.typname, t.typtype::text || coalesce((SELECT \
     string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) FROM pg_enum e \
     WHERE e.enumtypid = t.oid), '') || format_type(t.typbasetype, t.typtypmod) \
     || t.typnotnull::text FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace \
     WHERE t.typtype IN ('e','d','r') AND ",
    "SELECT 'sequence ' || n.nspname || '.' || c.relname, s.seqtypid::regtype::text || \
     s.seqincrement || ' ' || s.seqmin || ' ' || s.seqmax || s.seqcycle::text FROM pg_sequence s \
     JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ",
    "SELECT 'policy ' || n.nspname || '.' || c.relname || '.' || p.polname, p.polcmd::text || \
     p.polpermissive::text || p.polroles::text || coalesce(pg_get_expr(p.polqual, p.polrelid), '') \
     || coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '') FROM pg_policy p \
     JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ",
    "SELECT 'schema ' || n.nspname, coalesce(n.nspacl::text, '') FROM pg_namespace n WHERE ",
];

/// Describes the database.
pub(crate) fn describe(link: &Link) -> Result<Description, Refusal> {
    // Names come with their schema, whatever the database's own search path is.
    link.run("SET search_path = pg_catalog")?;
    let mut description = Description::default();
    for part in PARTS {
        for line in link.lines(&format!("{part}{OURS}"))? {
            description.objects.insert(text_at(&line, 0), text_at(&line, 1));
        }
    }
    let orders = link.lines(&format!(
        "SELECT n.nspname || '.' || c.relname, string_agg(a.attname, ', ' ORDER BY a.attnum) \
         FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
         JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r','p') AND {OURS} \
         GROUP BY 1"
    ))?;
    for line in &orders {
        description.orders.insert(text_at(line, 0), text_at(line, 1));
    }
    link.run("RESET search_path")?;
    Ok(description)
}

/// How the schema `now` differs from the one that was there.
pub(crate) fn differences(was: &Description, now: &Description) -> Differences {
    let mut found = Differences::default();
    for (object, defined) in &was.objects {
        match now.objects.get(object) {
            None => found.objects.push(format!("{object} is missing")),
            Some(other) if other != defined => found.objects.push(format!("{object} is different")),
            Some(_) => {}
        }
    }
    for object in now.objects.keys().filter(|object| !was.objects.contains_key(*object)) {
        found.objects.push(format!("{object} is left over"));
    }
    for (table, order) in &was.orders {
        let sorted = |text: &str| {
            let mut names: Vec<String> = text.split(", ").map(str::to_owned).collect();
            names.sort();
            names
        };
        if let Some(other) = now.orders.get(table)
            && other != order
            && sorted(other) == sorted(order)
        {
            found.reordered.push(table.clone());
        }
    }
    found
}

/// A number for each table that changes when its rows do, by its old columns.
pub(crate) fn contents(link: &Link, tables: &Tables) -> BTreeMap<String, (u64, String)> {
    let mut found = BTreeMap::new();
    for (table, told) in tables.iter().filter(|(_, table)| !table.is_partition) {
        let columns: Vec<String> = told.columns.iter().map(|one| name(&one.name)).collect();
        let sql = format!(
            "SELECT count(*), coalesce(sum(hashtext(ROW({})::text)::bigint), 0)::text FROM {}",
            columns.join(", "),
            told.quoted
        );
        // A table that cannot be read that way any more is told by the schema's differences.
        if let Some(line) = link.lines(&sql).ok().and_then(|lines| lines.into_iter().next()) {
            found.insert(table.clone(), (number_at(&line, 0), text_at(&line, 1)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_left_over_or_different_is_named() {
        let of = |objects: &[(&str, &str)], order: &str| Description {
            objects: objects.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect(),
            orders: BTreeMap::from([("t".to_owned(), order.to_owned())]),
        };
        let was = of(&[("a", "1"), ("b", "1"), ("c", "1")], "x, y");
        let now = of(&[("a", "1"), ("b", "2"), ("d", "1")], "y, x");
        let found = differences(&was, &now);
        assert_eq!(found.objects, ["b is different", "c is missing", "d is left over"]);
        assert_eq!(found.reordered, ["t"]);
    }
}
