//! What claims say, compared with what the tools that own them do.
#![cfg(test)]

mod mountebank;
