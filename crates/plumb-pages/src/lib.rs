//! The dashboard's pages: what each view holds, as HTML for people and as JSON for programs.
//!
//! A view gathers its data from a [`survey::Survey`] and a [`desk::Desk`], and draws just that
//! data, so that the page and its document cannot differ. Start at [`view::show`]. Refuses to know
//! sockets, disks and clocks, and decides nothing.

pub mod address;
pub mod asset;
mod chart;
pub mod desk;
pub mod filter;
pub mod frame;
mod map;
mod member;
mod moment;
mod parts;
pub mod report;
mod row;
pub mod shown;
pub mod survey;
pub mod view;
pub mod visitor;
