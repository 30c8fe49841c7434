//! The daemon: takes in deltas from any number of collectors, keeps the gap current, and tells
//! verdicts to whoever may know.
//!
//! Start at [`serving::serve`]. Refuses to decide anything: what evidence means and whether a
//! change may go on is worked out elsewhere.

pub mod access;
mod answer;
mod body;
pub mod client;
mod current;
pub mod daemon;
mod deltas;
mod events;
mod evidence;
pub mod gate;
mod health;
pub mod hook;
pub mod identity;
mod listen;
mod login;
mod login_elsewhere;
mod meter;
pub mod mock;
mod mock_cut;
mod mock_grpc;
mod mock_tunnel;
mod orders;
mod outgoing;
mod pages;
pub mod project;
mod releases;
pub mod replay;
mod replay_target;
mod request;
mod resent;
mod routes;
pub mod series;
pub mod serving;
mod session;
pub mod standing;
