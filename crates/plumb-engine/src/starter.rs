//! The first configuration of a project, from what a scan finds.
//!
//! Refuses to write it anywhere, and to guess what nobody said.

use crate::config::origin::quoted;
use plumb_shape::claim::Claim;
use std::collections::BTreeSet;

/// More dependencies than this are not written down; a list beyond it is not read any more.
const DEPENDENCIES_MAX: usize = 50;

/// A configuration in TOML that sets the project's name, and shows what else can be set, with the
/// dependencies that the claims name.
#[must_use]
pub fn starter(project: &str, claims: &[Claim]) -> String {
    let mut text = format!(
        "# What Plumb should know about this project. Everything here is optional;\n\
         # `plumb config show --origin` tells what is in force and why.\n\
         project = {}\n",
        quoted(project),
    );
    let writers: BTreeSet<&str> =
        claims.iter().filter_map(|claim| claim.writer.as_deref()).collect();
    if !writers.is_empty() {
        text.push_str(
            "\n# Dependencies that mocks and contracts here speak of. Say under which hosts each\n\
             # answers, so that traffic and claims meet under one name.\n",
        );
    }
    for writer in writers.iter().take(DEPENDENCIES_MAX) {
        text.push_str(&format!(
            "\n# [[dependency]]\n# name  = {}\n# hosts = [{}]\n",
            quoted(writer),
            quoted(writer),
        ));
    }
    text.push_str(
        "\n# [evidence]\n\
         # max_age     = \"14d\"     # older evidence is stale, and never green\n\
         # min_samples = 30        # fewer exchanges never make an assumption hold\n\
         \n# [gate.production]\n\
         # fail_on    = \"broken\"   # drifted | broken\n\
         # on_unknown = \"warn\"     # warn | fail | pass\n",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_break_out_of_its_quotes() {
        let text = starter("a\"\n[evidence]\nstore = \"/tmp", &[]);
        let table: toml::Table = text.parse().unwrap();
        assert_eq!(table.len(), 1);
        assert_eq!(table["project"].as_str(), Some("a\"\n[evidence]\nstore = \"/tmp"));
    }
}
