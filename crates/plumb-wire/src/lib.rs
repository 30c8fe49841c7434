//! Versioned documents: what others script against.
//!
//! Pure functions from values to text. Whatever came from traffic or files is made harmless for the
//! format it goes into. Refuses to know disk, network and clock, and decides nothing: verdicts,
//! acceptances and conclusions come in as they go out.

pub mod changed;
pub mod changelog;
pub mod changes_report;
pub mod compat_v1;
pub mod draft_v1;
pub mod evidence_v1;
pub mod finding_v1;
mod fingerprint;
pub mod gap_v1;
pub mod gated;
pub mod github;
pub mod gitlab;
pub mod grafana;
pub mod harmless;
pub mod headline;
mod json;
pub mod judged;
pub mod judgement_v1;
pub mod junit;
pub mod kayenta;
mod location;
pub mod markdown;
pub mod markdown_text;
pub mod ndjson;
pub mod plan_diagram;
pub mod plan_v1;
pub mod planned;
pub mod platform;
pub mod refutation_v1;
pub mod reported;
pub mod rfc3339;
pub mod runbook;
pub mod sarif;
pub mod scan_v1;
