//! Peers: claims about the same answers to the same requests, and what of reality stands against
//! all of them.
//!
//! Where two mocks answer the same request differently, either answer is exercised; neither alone
//! may be held against reality.

use crate::select::{Selection, Selections};
use plumb_shape::claim::{Claim, SaidStatus, Strength};
use plumb_shape::difference::{DifferenceKind, diff};
use plumb_shape::literal::LiteralKey;
use plumb_shape::place::Place;
use plumb_shape::said::Said;
use plumb_shape::seen::Marginals;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Claims about the same answers to the same requests. Constraints are peers of nobody, and neither
/// is what only asks.
#[derive(Debug)]
pub(crate) struct Peers<'a> {
    pub(crate) claims: Vec<&'a Claim>,
    /// The exchanges whose requests are meant.
    pub(crate) selection: &'a Selection,
    /// A status among those that the claims admit, to name the answers by.
    pub(crate) status: u16,
    /// Of the selected exchanges, those that ended as the claims say.
    pub(crate) marginals: Arc<Marginals>,
    /// What differs from all that the claims say together; `None` for one alone.
    pub(crate) standing: Option<BTreeSet<(Place, DifferenceKind)>>,
}

/// The peers of each claim, in the order of the claims, as positions in the list.
pub(crate) fn peers<'a>(
    claims: &[&'a Claim],
    selections: &'a Selections,
    key: &LiteralKey,
) -> (Vec<Peers<'a>>, Vec<usize>) {
    let mut known: BTreeMap<(usize, SaidStatus), usize> = BTreeMap::new();
    let mut peers: Vec<Peers<'a>> = Vec::new();
    let mut of_claims = Vec::with_capacity(claims.len());
    for (claim, chosen) in claims.iter().zip(&selections.of_claims) {
        let meeting = (*chosen, claim.status);
        let is_answer =
            claim.strength != Strength::Constraint && claim.source.dialect.has_answers();
        let met = known.get(&meeting).filter(|_| is_answer);
        if let Some(at) = met {
            peers[*at].claims.push(claim);
            of_claims.push(*at);
            continue;
        }
        let selection = &selections.distinct[*chosen];
        let (status, marginals) = answers(claim, claims, selection);
        of_claims.push(peers.len());
        if is_answer {
            known.insert(meeting, peers.len());
        }
        let claims = vec![*claim];
        let marginals = Arc::new(marginals);
        peers.push(Peers { claims, selection, status, marginals, standing: None });
    }
    for one in peers.iter_mut().filter(|one| one.claims.len() > 1 && one.marginals.total.count > 0)
    {
        let Some(said) = all_said(&one.claims) else { continue };
        let differences = diff(&said, &one.marginals, key).into_iter();
        one.standing = Some(differences.map(|one| (one.place, one.kind)).collect());
    }
    (peers, of_claims)
}

/// What claims say together, each being true at times; `None` without claims.
pub(crate) fn all_said(claims: &[&Claim]) -> Option<Said> {
    let (first, rest) = claims.split_first()?;
    Some(rest.iter().fold(first.said.clone(), |said, claim| said.or(&claim.said)))
}

/// The selected exchanges that ended as the claim says, and the status to name them by.
fn answers(claim: &Claim, claims: &[&Claim], selection: &Selection) -> (u16, Marginals) {
    let mut found = Marginals::default();
    let mut named = 0;
    for (status, marginals) in selection.by_status.iter() {
        let taken_by_other = claim.status == SaidStatus::Default
            && claims.iter().any(|other| {
                other.source.file == claim.source.file
                    && other.status != SaidStatus::Default
                    && other.status.admits(*status)
            });
        if claim.status.admits(*status) && !taken_by_other {
            found.merge(marginals);
            named = *status;
        }
    }
    (named, found)
}
