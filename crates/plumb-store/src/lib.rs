//! The store: windows and deltas by key, small documents beside them, SQLite behind one trait.
//!
//! Start at [`store::Store`], the trait, and [`sqlite::open`], the engine. This crate refuses to
//! know what the bytes it keeps mean: whoever applies a delta brings the merge.

pub mod bounds;
mod connect;
mod explain;
pub mod migrate;
pub mod sqlite;
pub mod store;

#[cfg(test)]
mod faulty;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod toy;
