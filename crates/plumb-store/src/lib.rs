//! The store: windows and deltas by key, small documents beside them, SQLite and PostgreSQL behind
//! one trait.
//!
//! Start at [`store::Store`], the trait, and [`sqlite::open`] and [`postgres::open`], the engines.
//! This crate refuses to know what the bytes it keeps mean: whoever applies a delta brings the
//! merge.

pub mod address;
pub mod bounds;
mod column;
mod connect;
mod explain;
pub mod migrate;
pub mod place;
pub mod postgres;
pub mod sqlite;
pub mod store;

#[cfg(test)]
mod faulty;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod server;
#[cfg(test)]
mod suite;
#[cfg(test)]
mod toy;
#[cfg(test)]
mod toy_store;
