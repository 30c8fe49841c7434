//! What claims say, compared with what the tools that own them do.
#![cfg(test)]

mod decide;
mod mountebank;
mod numbers;
mod prism;
mod wiremock;
