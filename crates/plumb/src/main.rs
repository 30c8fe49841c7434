//! A room still in work.
fn main() {}
