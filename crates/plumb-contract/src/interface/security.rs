//! Security: whether every caller that was let in is let in still.
//!
//! Each alternative of the client must satisfy one of the server: all that it needs, and no scope
//! beyond. Refuses to know tokens.

use crate::interface::findings::{Findings, Told};
use crate::interface::meeting::Meeting;
use crate::interface::model::Alternative;
use crate::interface::rule::{self, Rule};
use crate::openapi::schema::Side;
use std::collections::{BTreeMap, BTreeSet};

/// What an alternative needs, by what callers carry.
type Needs<'a> = BTreeMap<&'a str, (&'a str, &'a BTreeSet<String>)>;

/// Compares what clients show with what the server wants to see.
pub(crate) fn compare<'t>(findings: &mut Findings<'_, 't>, meeting: &Meeting<'_, 't>) {
    let (client, server) = (&meeting.client.security, &meeting.server.security);
    for shown in client {
        let has = needs_of(shown);
        let enough = server.iter().filter(|wanted| satisfies(&has, &needs_of(wanted)));
        if let Some(wanted) = enough.min_by_key(|wanted| elsewhere(&has, &needs_of(wanted)).len()) {
            issuers(findings, meeting, (shown, wanted));
        } else {
            refused(findings, meeting, shown);
        }
    }
    for wanted in server {
        let wants = needs_of(wanted);
        let exact = client.iter().any(|shown| same_needs(&needs_of(shown), &wants));
        if exact {
            continue;
        }
        let Some(shown) = client.iter().find(|shown| satisfies(&needs_of(shown), &wants)) else {
            if client.iter().any(|shown| is_related(&needs_of(shown), &wants)) {
                continue;
            }
            let what = format!("{} is enough as well", text(&wants));
            // INVARIANT: an operation has at least one alternative.
            if let Some(shown) = client.first() {
                let rule = &rule::SECURITY_ALTERNATIVE_ADDED;
                tell(findings, meeting, (shown, wanted), (rule, what));
            }
            continue;
        };
        let fewer_scopes = needs_of(shown).len() == wants.len();
        let (rule, what) = if fewer_scopes {
            (&rule::SECURITY_SCOPE_REMOVED, format!("{} is enough", text(&wants)))
        } else {
            (&rule::SECURITY_REMOVED, format!("{} is enough", text(&wants)))
        };
        tell(findings, meeting, (shown, wanted), (rule, what));
    }
}

/// What clients carry is got elsewhere.
fn issuers<'t>(
    findings: &mut Findings<'_, 't>,
    meeting: &Meeting<'_, 't>,
    (shown, wanted): (&Alternative<'t>, &Alternative<'t>),
) {
    for carried in elsewhere(&needs_of(shown), &needs_of(wanted)) {
        let what = format!("the {carried} comes from elsewhere");
        tell(findings, meeting, (shown, wanted), (&rule::SECURITY_ISSUER, what));
    }
}

/// What both carry and get in different places.
fn elsewhere<'a>(has: &Needs<'a>, wants: &Needs<'a>) -> Vec<&'a str> {
    let differs = |(carried, (issuer, _)): &(&&'a str, &(&str, _))| {
        has.get(*carried).is_some_and(|(known, _)| known != issuer)
    };
    wants.iter().filter(differs).map(|(carried, _)| *carried).collect()
}

fn refused<'t>(
    findings: &mut Findings<'_, 't>,
    meeting: &Meeting<'_, 't>,
    shown: &Alternative<'t>,
) {
    let has = needs_of(shown);
    let server = &meeting.server.security;
    let find =
        |fits: &dyn Fn(&Needs<'_>) -> bool| server.iter().find(|wanted| fits(&needs_of(wanted)));
    let same_keys = |wants: &Needs<'_>| wants.keys().eq(has.keys());
    let more_keys = |wants: &Needs<'_>| has.keys().all(|carried| wants.contains_key(carried));
    if let Some(wanted) = find(&same_keys) {
        let scopes = needs_of(wanted).into_iter().flat_map(|(carried, (_, scopes))| {
            let known = has.get(carried).map(|(_, scopes)| *scopes);
            scopes.iter().filter(move |scope| known.is_none_or(|known| !known.contains(*scope)))
        });
        let scopes: BTreeSet<&str> = scopes.map(String::as_str).collect();
        let scopes: Vec<&str> = scopes.into_iter().collect();
        let what = format!("the scope `{}` is needed", scopes.join("`, `"));
        tell(findings, meeting, (shown, wanted), (&rule::SECURITY_SCOPE_ADDED, what));
    } else if let Some(wanted) = find(&more_keys) {
        let what = format!("{} is needed, and {} was", text(&needs_of(wanted)), text(&has));
        tell(findings, meeting, (shown, wanted), (&rule::SECURITY_ADDED, what));
    } else if let Some(wanted) = server.first() {
        let what = format!("{} is not enough any more", text(&has));
        tell(findings, meeting, (shown, wanted), (&rule::SECURITY_ALTERNATIVE_REMOVED, what));
    }
}

fn needs_of<'a>(alternative: &'a Alternative<'_>) -> Needs<'a> {
    let needs = alternative.needs.iter();
    needs.map(|(scheme, scopes)| (&*scheme.carried, (&*scheme.issuer, scopes))).collect()
}

/// Whether who has all this is let in where that is wanted.
fn satisfies(has: &Needs<'_>, wants: &Needs<'_>) -> bool {
    wants.iter().all(|(carried, (_, scopes))| {
        has.get(carried).is_some_and(|(_, known)| scopes.is_subset(known))
    })
}

fn same_needs(one: &Needs<'_>, other: &Needs<'_>) -> bool {
    satisfies(one, other) && satisfies(other, one)
}

/// Whether one asks for more than the other, so that the break was told already.
fn is_related(has: &Needs<'_>, wants: &Needs<'_>) -> bool {
    has.keys().all(|carried| wants.contains_key(carried))
}

fn text(needs: &Needs<'_>) -> String {
    let shown = |(carried, (_, scopes)): (&&str, &(&str, &BTreeSet<String>))| {
        let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
        match scopes.as_slice() {
            [] => (*carried).to_owned(),
            scopes => format!("{carried} with `{}`", scopes.join("`, `")),
        }
    };
    let all: Vec<String> = needs.iter().map(shown).collect();
    if all.is_empty() { "nothing".to_owned() } else { all.join(" and ") }
}

fn tell<'t>(
    findings: &mut Findings<'_, 't>,
    meeting: &Meeting<'_, 't>,
    (shown, wanted): (&Alternative<'t>, &Alternative<'t>),
    (rule, what): (&'static Rule, String),
) {
    let (client, server) = (Some(shown.at), Some(wanted.at));
    let place = "request security".to_owned();
    findings.tell(meeting, Told { rule, side: Side::Request, place, client, server, what });
}
