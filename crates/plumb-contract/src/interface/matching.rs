//! Which operation of the new version is which of the old one.
//!
//! Templates that differ in nothing but names are the same path. What then finds no partner is
//! looked for by its whole path, since a version may move a prefix between its servers and its
//! paths, and at last among templates that cover it. Refuses to know what operations hold.

use crate::interface::model::{Interface, Name, Operation};
use std::collections::{BTreeSet, HashMap};

/// An operation of either version, or of both.
pub(crate) enum Matched<'i, 't> {
    /// It is there in both.
    Both { old: &'i Operation<'t>, new: &'i Operation<'t>, way: Way },
    /// Only the old version has it.
    Removed(&'i Operation<'t>),
    /// Only the new version has it.
    Added(&'i Operation<'t>),
}

/// By what two operations were found to be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// By their path.
    Path,
    /// By their path behind that of their servers.
    WholePath,
    /// The new one's template covers the old one's.
    Covered,
}

/// All operations of both versions, the old ones first, each in the order of its file.
pub(crate) fn matched<'i, 't>(
    old: &'i Interface<'t>,
    new: &'i Interface<'t>,
) -> Vec<Matched<'i, 't>> {
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    let by_name = index(new, &|operation| operation.name());
    let by_whole = index(new, &whole_name_of);
    let mut partners: Vec<Option<(usize, Way)>> = Vec::new();
    for operation in &old.operations {
        let found = by_name.get(&operation.name()).copied();
        taken.extend(found);
        partners.push(found.map(|number| (number, Way::Path)));
    }
    for (operation, partner) in old.operations.iter().zip(&mut partners) {
        if partner.is_none() {
            let whole = by_whole.get(&whole_name_of(operation)).copied();
            let found = whole.filter(|number| !taken.contains(number));
            taken.extend(found);
            *partner = found.map(|number| (number, Way::WholePath));
        }
    }
    let mut all = Vec::new();
    for (operation, partner) in old.operations.iter().zip(partners) {
        let partner = partner.or_else(|| Some((covering(new, operation)?, Way::Covered)));
        let found = partner.and_then(|(number, way)| Some((new.operations.get(number)?, way)));
        all.push(match found {
            Some((new, way)) => Matched::Both { old: operation, new, way },
            None => Matched::Removed(operation),
        });
    }
    let rest = new.operations.iter().enumerate().filter(|(number, _)| !taken.contains(number));
    all.extend(rest.map(|(_, operation)| Matched::Added(operation)));
    all
}

fn index(interface: &Interface<'_>, name: &dyn Fn(&Operation<'_>) -> Name) -> HashMap<Name, usize> {
    let numbered = interface.operations.iter().enumerate().rev();
    numbered.map(|(number, operation)| (name(operation), number)).collect()
}

fn whole_name_of(operation: &Operation<'_>) -> Name {
    let (role, within, method, path) = operation.name();
    let bases: BTreeSet<&str> = operation.servers.iter().map(|server| &*server.path).collect();
    // Of several bases none is the path's.
    let base = if bases.len() == 1 { bases.first().copied() } else { None };
    (role, within, method, format!("{}{path}", base.unwrap_or_default()))
}

/// The one template that covers the path of an operation; concrete ones come first.
fn covering(new: &Interface<'_>, old: &Operation<'_>) -> Option<usize> {
    let fits = |new: &Operation<'_>| {
        (new.role, &new.within, &new.method) == (old.role, &old.within, &old.method)
            && new.path.covers(&old.path)
    };
    let all = new.operations.iter().enumerate().filter(|(_, new)| fits(new));
    all.min_by_key(|(number, new)| (new.path.names.len(), *number)).map(|(number, _)| number)
}
