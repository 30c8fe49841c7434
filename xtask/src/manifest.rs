//! What the arrows need from a `Cargo.toml`: the package's name and the Plumb crates it uses.
//!
//! Reads line by line the plain style that this workspace writes. Refuses to know TOML beyond
//! section headers and keys, and every dependency that is not one of ours.

/// A crate's manifest, as far as arrows are concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// The package's name; empty if the manifest has none.
    pub(crate) name: String,
    /// The Plumb crates that the code itself needs, each with its line.
    pub(crate) uses: Vec<(String, usize)>,
}

/// Reads a manifest; what is needed for tests alone does not count.
pub(crate) fn manifest(text: &str) -> Manifest {
    let mut manifest = Manifest::default();
    let mut section = "";
    for (index, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if let Some(header) = line.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
            section = header.trim();
            if let Some((outer, name)) = section.rsplit_once('.') {
                note(&mut manifest, outer, name, index + 1);
            }
        } else if let Some((key, value)) = line.split_once('=') {
            let key = key.trim().split('.').next().unwrap_or_default();
            if (section, key) == ("package", "name") {
                manifest.name = bare(value).to_owned();
            }
            note(&mut manifest, section, key, index + 1);
        }
    }
    manifest
}

fn note(manifest: &mut Manifest, section: &str, key: &str, line: usize) {
    let kind = section.rsplit('.').next().unwrap_or_default();
    let needed = kind == "dependencies" || kind == "build-dependencies";
    let ours = bare(key) == "plumb" || bare(key).starts_with("plumb-");
    if needed && ours && section != "workspace.dependencies" {
        manifest.uses.push((bare(key).to_owned(), line));
    }
}

fn bare(word: &str) -> &str {
    word.trim().trim_matches(['"', '\''])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, usize)]) {
        let uses = manifest(text).uses;
        let uses: Vec<_> = uses.iter().map(|(name, line)| (name.as_str(), *line)).collect();
        assert_eq!(uses, expected, "{text}");
    }

    #[test]
    fn dependencies_are_found_in_every_spelling() {
        check("[dependencies]\nplumb-a.workspace = true\nserde = \"1\"", &[("plumb-a", 2)]);
        check("[dependencies]\nplumb-a = { path = \"x\" } # why", &[("plumb-a", 2)]);
        check("[dependencies.plumb-a]\npath = \"x\"", &[("plumb-a", 1)]);
        check("[target.'cfg(unix)'.dependencies]\nplumb-a = \"1\"", &[("plumb-a", 2)]);
        check("[build-dependencies]\nplumb-a = \"1\"", &[("plumb-a", 2)]);
    }

    #[test]
    fn what_tests_need_and_what_the_workspace_offers_does_not_count() {
        check("[dev-dependencies]\nplumb-a.workspace = true", &[]);
        check("[workspace.dependencies]\nplumb-a = { path = \"x\" }", &[]);
        check("# [dependencies]\nplumb-a = \"1\"", &[]);
    }

    #[test]
    fn the_package_names_the_manifest() {
        assert_eq!(manifest("[package]\nname = \"plumb-a\"").name, "plumb-a");
        assert_eq!(manifest("[[bin]]\nname = \"b\"").name, "");
    }
}
