//! Every seed, and every input that once broke a promise, is tried on each run of the tests.

use plumb_fuzz::target::TARGETS;
use std::fs;
use std::path::Path;

#[test]
fn every_target_takes_its_seeds() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for target in TARGETS {
        let folder = corpus.join(target.name);
        let seeds: Vec<_> = fs::read_dir(&folder)
            .unwrap_or_else(|err| panic!("{}: {err}", folder.display()))
            .map(|entry| entry.unwrap().path())
            .collect();
        assert!(!seeds.is_empty(), "{} has no seeds", target.name);
        for seed in seeds {
            println!("{}", seed.display());
            (target.run)(&fs::read(seed).unwrap());
        }
    }
    assert_eq!(fs::read_dir(corpus).unwrap().count(), TARGETS.len());
}
