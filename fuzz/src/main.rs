//! The fuzzer: feeds made-up bytes to the target that the variable [`TARGET`] names.
#![no_main]

use libfuzzer_sys::fuzz_target;
use plumb_fuzz::target::{self, Target};
use std::sync::LazyLock;

/// The variable that names the target.
const TARGET: &str = "PLUMB_FUZZ_TARGET";

static CHOSEN: LazyLock<&Target> = LazyLock::new(|| {
    let name = std::env::var(TARGET).unwrap_or_default();
    target::named(&name).unwrap_or_else(|| panic!("set {TARGET} to a target; `{name}` is none"))
});

fuzz_target!(|bytes: &[u8]| (CHOSEN.run)(bytes));
