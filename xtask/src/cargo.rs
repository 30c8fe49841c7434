//! Cargo, started from a program that Cargo itself started.
//!
//! Refuses to know what it is asked to do.

use std::path::Path;
use std::process::Command;

/// What Cargo told this program about its own package. Build scripts that look at such variables
/// would find them changed, and half of the dependencies would be built again each time.
const OWN: [&str; 2] = ["CARGO_PKG_", "CARGO_MANIFEST_"];

/// Cargo in the folder `root`, in the surroundings a person would start it in.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(root);
    for (name, _) in std::env::vars_os() {
        if OWN.iter().any(|own| name.to_string_lossy().starts_with(own)) {
            command.env_remove(name);
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_own_package_is_handed_on() {
        let command = cargo(Path::new("."));
        let taken: Vec<_> = command.get_envs().filter(|(_, value)| value.is_none()).collect();
        for name in ["CARGO_PKG_NAME", "CARGO_MANIFEST_DIR"] {
            assert!(taken.iter().any(|(taken, _)| *taken == name), "{name} is handed on");
        }
        assert!(taken.iter().all(|(name, _)| *name != "PATH"));
    }
}
