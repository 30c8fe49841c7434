//! A room still in work.
