//! Components that no longer tell of themselves: those that called them go on, and now only they
//! tell it, of an address that has no name.
//!
//! An upgrade that loses the instrumentation of a component looks like this, and nothing fails.
//! Refuses to know why it fell silent.

use crate::doctor::fact::Silent;
use crate::doctor::names::is_host;
use std::collections::BTreeSet;

/// The calls of one dependency, whether it told them or its callers.
#[derive(Debug)]
pub(crate) struct Calls<'a> {
    pub(crate) name: &'a str,
    pub(crate) exchanges: u64,
    /// Unix milliseconds, as the last.
    pub(crate) first_ms: i64,
    pub(crate) last_ms: i64,
    /// Who asked for which operation.
    pub(crate) asked: &'a BTreeSet<(String, String)>,
}

/// The components that told of themselves, until their callers went on without them: every call
/// that an address answers came after the last one that the component told, and the same consumer
/// asks it for the same.
pub(crate) fn silent(calls: &[Calls<'_>]) -> Vec<Silent> {
    let (addresses, components): (Vec<_>, Vec<_>) = calls.iter().partition(|one| is_host(one.name));
    let told = components.into_iter().filter_map(|component| {
        let heirs = addresses.iter().map(|heir| (shared(component, heir), heir));
        let (seams, heir) =
            heirs.filter(|(seams, _)| *seams > 0).max_by_key(|(seams, _)| *seams)?;
        Some(Silent {
            name: component.name.to_owned(),
            last_ms: component.last_ms,
            address: heir.name.to_owned(),
            exchanges: heir.exchanges,
            seams,
        })
    });
    told.collect()
}

/// How many seams went over from the one to the other, all of whose exchanges came later.
fn shared(component: &Calls<'_>, heir: &Calls<'_>) -> usize {
    if heir.first_ms <= component.last_ms {
        return 0;
    }
    component.asked.intersection(heir.asked).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seams(asked: &[(&str, &str)]) -> BTreeSet<(String, String)> {
        asked.iter().map(|(who, what)| ((*who).to_owned(), (*what).to_owned())).collect()
    }

    #[test]
    fn who_is_called_on_and_tells_nothing_is_silent() {
        let ui = [("ui", "GET /posts"), ("ui", "GET /posts/{}")];
        let told = |name: &str, first_ms: i64, asked: &[(&str, &str)]| {
            let (before, after) = (seams(&ui), seams(asked));
            silent(&[calls("orders", (0, 9), &before), calls(name, (first_ms, 20), &after)])
        };
        let expected = Silent {
            name: "orders".to_owned(),
            last_ms: 9,
            address: "10.0.0.1:80".to_owned(),
            exchanges: 5,
            seams: 1,
        };
        assert_eq!(told("10.0.0.1:80", 10, &ui[..1]), [expected]);
        assert_eq!(told("10.0.0.1:80", 10, &[("job", "GET /posts"), ("ui", "GET /users")]), []);
        assert_eq!(told("10.0.0.1:80", 9, &ui), []);
        assert_eq!(told("catalog", 10, &ui), []);
    }

    fn calls<'a>(
        name: &'a str,
        (first_ms, last_ms): (i64, i64),
        asked: &'a BTreeSet<(String, String)>,
    ) -> Calls<'a> {
        Calls { name, exchanges: 5, first_ms, last_ms, asked }
    }
}
