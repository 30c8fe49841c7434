//! What a draft is made from.
//!
//! Refuses to know what becomes of it.

use crate::manifest::workload::{Unread, Workload};
use crate::transition::known::Known;

/// What a draft is made from.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// What was seen.
    pub known: &'a Known<'a>,
    /// What runs, by manifests; `None` where none was named.
    pub from: Option<&'a [Workload]>,
    /// What is wanted.
    pub to: Option<&'a [Workload]>,
    /// What of the manifests could not be read.
    pub unread: &'a [Unread],
}
