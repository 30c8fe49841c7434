//! Traffic against claims, from bytes to verdicts: real captures with known answers, planted
//! drifts, messages of a queue, samples of one and the same traffic, too little evidence, and the
//! catalog's cases.
#![cfg(test)]

mod calibration;
mod catalog;
mod history;
mod honesty;
mod inferred;
mod mended;
mod messages;
mod planted;
mod real_pairs;
mod real_rows;
mod trial;
