//! The book's pictures of the dashboard, made anew from the project that its tests look at.
//!
//! Refuses to know which views there are.

use crate::cargo::cargo;
use crate::outcome::{Outcome, outcome_of};
use crate::servers::servers;
use std::fs;
use std::path::Path;

/// Where they lie, below the repository's root.
const FOLDER: &str = "docs/pages";

/// The folder of the project that is shown, where temporary files go: a name that may be seen.
const PROJECT: &str = "plumb-pictures/shop";

/// The test that makes them.
const TEST: &str = "pages::the_book_has_a_picture_of_every_view";

/// Bytes of all of them. They are in everybody's clone for ever.
const BYTES_MAX: u64 = 3_000_000;

/// Makes them in the repository at `root`.
pub(crate) fn screenshots(root: &Path) -> Outcome {
    match servers(root) {
        Outcome::Yes => {}
        failed => return failed,
    }
    let (folder, project) = (root.join(FOLDER), std::env::temp_dir().join(PROJECT));
    for folder in [&folder, &project] {
        // Neither an old picture nor an old project is part of what is made.
        drop(fs::remove_dir_all(folder));
        if let Err(error) = fs::create_dir_all(folder) {
            eprintln!("cannot make {}: {error}", folder.display());
            return Outcome::Outside;
        }
    }
    let mut test = cargo(root);
    test.env("PLUMB_PICTURES", &folder).env("PLUMB_PICTURES_OF", &project);
    test.args(["test", "-p", "plumb", "--test", "it", TEST, "--", "--exact"]);
    let made = outcome_of(&mut test);
    drop(fs::remove_dir_all(&project));
    if made == Outcome::Yes { weighed(&folder) } else { made }
}

fn weighed(folder: &Path) -> Outcome {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes: Vec<u64> = files.filter_map(|it| Some(it.metadata().ok()?.len())).collect();
    let all: u64 = sizes.iter().sum();
    eprintln!("{}: {} pictures, {all} bytes", folder.display(), sizes.len());
    if all > BYTES_MAX {
        eprintln!("more than {BYTES_MAX} bytes\nhelp: take fewer, or fewer of them in the dark");
        return Outcome::No;
    }
    Outcome::Yes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_that_are_too_heavy_are_refused() {
        let folder = std::env::temp_dir().join(format!("plumb-pictures-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("one.png");
        fs::write(&path, "light").unwrap();
        assert_eq!(weighed(&folder), Outcome::Yes);
        let heavy = usize::try_from(BYTES_MAX).unwrap() + 1;
        fs::write(&path, vec![0; heavy]).unwrap();
        assert_eq!(weighed(&folder), Outcome::No);
        fs::remove_dir_all(&folder).unwrap();
    }
}
