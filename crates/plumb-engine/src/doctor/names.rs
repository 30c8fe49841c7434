//! Whether claims and evidence speak of the same dependencies, and under the same names.
//!
//! Refuses to join two names by itself: it says which look alike, and a person decides.

use crate::doctor::fact::{Alike, Fact, Unseen};
use plumb_shape::claim::Claim;
use std::collections::{BTreeMap, BTreeSet};

/// Parts of names that tell what a thing is and not which.
const GENERIC: [&str; 5] = ["api", "server", "service", "svc", "www"];

/// What claims and evidence have in common. `name_of` gives a dependency's name to a host, and
/// `host_of` a host to a name, where the configuration knows one.
#[must_use]
pub fn facts(
    claims: &[Claim],
    seen: &BTreeSet<&str>,
    name_of: &dyn Fn(&str) -> Option<String>,
    host_of: &dyn Fn(&str) -> Option<String>,
) -> Vec<Fact> {
    let mut said: BTreeMap<String, Said> = BTreeMap::new();
    for writer in claims.iter().filter_map(|claim| claim.writer.as_deref()) {
        let name = name_of(writer).unwrap_or_else(|| writer.to_owned());
        let one = said.entry(name).or_default();
        one.claims += 1;
        one.raw.insert(writer.to_owned());
    }
    let unseen: Vec<&String> = said.keys().filter(|name| !seen.contains(name.as_str())).collect();
    let unclaimed = seen.iter().filter(|name| !said.contains_key(**name));
    let unclaimed: Vec<String> = unclaimed.map(|name| (*name).to_owned()).collect();
    let alike = alike(&said, seen);
    let together: BTreeSet<&String> =
        alike.iter().flat_map(|one| one.others.iter().chain([&one.name])).collect();
    let is_alone = |name: &String| !together.contains(name);
    let lone: Vec<Unseen> = unseen
        .iter()
        .filter(|name| is_alone(name))
        .map(|name| Unseen {
            name: (*name).clone(),
            host: host_of(name).or_else(|| is_host(name).then(|| (*name).clone())),
            claims: said.get(*name).map_or(0, |one| one.claims),
        })
        .collect();
    let strange: Vec<String> = unclaimed.into_iter().filter(is_alone).collect();
    let mut facts = Vec::new();
    let covered = said.len() - unseen.len();
    if covered > 0 {
        facts.push(Fact::Covered(covered));
    }
    if !lone.is_empty() {
        facts.push(Fact::Unseen(lone));
    }
    if !alike.is_empty() {
        facts.push(Fact::Alike(alike));
    }
    // Without any claim everything is strange, and that is told elsewhere. A claim that names no
    // dependency may speak of any.
    let names_all = claims.iter().all(|claim| claim.writer.is_some());
    if !strange.is_empty() && !claims.is_empty() && names_all {
        facts.push(Fact::Unclaimed(strange));
    }
    facts
}

/// True for a name that is an address.
#[must_use]
pub fn is_host(name: &str) -> bool {
    name.contains(['.', ':']) && !name.contains([' ', '/'])
}

/// What claims say of one dependency.
#[derive(Debug, Default)]
struct Said {
    claims: usize,
    /// Its names as they stand there.
    raw: BTreeSet<String>,
}

/// A name that was seen and another that was only claimed; or a name and an address that were both
/// seen, since one source tells names and another tells hosts.
fn alike(said: &BTreeMap<String, Said>, seen: &BTreeSet<&str>) -> Vec<Alike> {
    let mut unseen: BTreeMap<String, Vec<(&String, &Said)>> = BTreeMap::new();
    for one in said.iter().filter(|(name, _)| !seen.contains(name.as_str())) {
        unseen.entry(stem(one.0)).or_default().push(one);
    }
    let mut hosts: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for host in seen.iter().filter(|name| is_host(name)) {
        hosts.entry(stem(host)).or_default().push(host);
    }
    let mut found = Vec::new();
    for name in seen {
        let stem = stem(name);
        let unseen = unseen.get(&stem).filter(|_| !said.contains_key(*name));
        let hosts = hosts.get(&stem).filter(|_| !is_host(name));
        let unseen = unseen.into_iter().flatten();
        let others: Vec<String> = unseen
            .clone()
            .map(|(other, _)| (*other).clone())
            .chain(hosts.into_iter().flatten().map(|host| (*host).to_owned()))
            .collect();
        // An address of digits comes down to nothing, and is like no other.
        if !stem.is_empty() && !others.is_empty() {
            let raw = unseen.flat_map(|(_, one)| &one.raw).cloned().collect();
            found.push(Alike { name: (*name).to_owned(), others, raw });
        }
    }
    found
}

/// What a name comes down to: the first label of a host that says something, or the last part of a
/// name with a namespace, without port, case, separators, and words that every service may have.
/// Nothing for an address of digits.
fn stem(name: &str) -> String {
    let name = name.rsplit('/').next().unwrap_or_default().to_lowercase();
    if name.chars().all(|letter| !letter.is_alphabetic()) {
        return String::new();
    }
    let host = name.split(':').next().unwrap_or_default();
    let mut labels: Vec<&str> = host.split('.').collect();
    while labels.len() > 1 && labels.first().is_some_and(|label| GENERIC.contains(label)) {
        labels.remove(0);
    }
    let label = labels.first().copied().unwrap_or_default();
    let mut words: Vec<&str> = label.split(['-', '_', ' ']).collect();
    while words.len() > 1 && words.last().is_some_and(|word| GENERIC.contains(word)) {
        words.pop();
    }
    words.concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use plumb_shape::claim::{Dialect, SaidQuery, SaidRequest, SaidStatus, Source, Strength};
    use plumb_shape::operation::PathPattern;
    use plumb_shape::said::Said as SaidPlaces;

    #[test]
    fn names_come_down_to_what_tells_them_apart() {
        for (name, expected) in [
            ("orders", "orders"),
            ("Orders-API", "orders"),
            ("orders.internal:8443", "orders"),
            ("shop/order_items-service", "orderitems"),
            ("api.example.com", "example"),
            ("localhost:3000", "localhost"),
            ("127.0.0.1:3000", ""),
        ] {
            assert_eq!(stem(name), expected, "{name}");
        }
    }

    #[test]
    fn names_that_look_alike_are_told_together() {
        let raw = BTreeSet::from(["orders.internal".to_owned()]);
        let one = |raw: &BTreeSet<String>| Said { claims: 1, raw: raw.clone() };
        let said = BTreeMap::from([
            ("orders".to_owned(), one(&raw)),
            ("stock".to_owned(), Said::default()),
        ]);
        let seen = BTreeSet::from(["orders-svc", "stock", "stock.internal", "payments"]);
        let others = |name: &str| vec![name.to_owned()];
        let expected = [
            Alike { name: "orders-svc".to_owned(), others: others("orders"), raw },
            Alike {
                name: "stock".to_owned(),
                others: others("stock.internal"),
                raw: BTreeSet::new(),
            },
        ];
        assert_eq!(alike(&said, &seen), expected);
    }

    /// Whether a dependency that was seen is told as one that no claim speaks of.
    fn check_unclaimed(writers: &[Option<&str>], expected: bool) {
        let claim = |writer: &Option<&str>| Claim {
            source: Source {
                dialect: Dialect::WireMock,
                file: String::new(),
                line: 1,
                column: 1,
                title: String::new(),
            },
            strength: Strength::Example,
            writer: writer.map(str::to_owned),
            reader: None,
            request: SaidRequest {
                methods: Vec::new(),
                path: PathPattern::of_path("/"),
                query: SaidQuery::Any,
                priority: 0,
                stateful: false,
            },
            status: SaidStatus::Default,
            said: SaidPlaces::default(),
        };
        let claims: Vec<Claim> = writers.iter().map(claim).collect();
        let facts = facts(&claims, &BTreeSet::from(["orders"]), &|_| None, &|_| None);
        let is_told = facts.iter().any(|fact| matches!(fact, Fact::Unclaimed(_)));
        assert_eq!(is_told, expected, "{writers:?}");
    }

    #[test]
    fn a_claim_that_names_nobody_may_speak_of_anybody() {
        check_unclaimed(&[], false);
        check_unclaimed(&[Some("orders")], false);
        check_unclaimed(&[Some("payments")], true);
        check_unclaimed(&[Some("payments"), None], false);
    }
}
