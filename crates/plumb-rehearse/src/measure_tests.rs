//! What one statement's lock means for the next ones of its transaction, on the installed server.

use crate::host::{Server, host};
use crate::measure::{Place, measure};
use crate::migration::{Part, units};
use crate::programs::wanted_in_tests;
use crate::script::split;
use crate::step::{Step, Verdict};
use std::collections::BTreeMap;

fn steps(sql: &str, is_single_transaction: bool) -> Vec<Step> {
    let host = host(&Server::Private(wanted_in_tests()), "UTC").unwrap();
    let database = host.make("origin", None).unwrap();
    let link = host.connect("origin").unwrap();
    link.run("CREATE TABLE t AS SELECT n AS id FROM generate_series(1, 20000) n; ANALYZE").unwrap();
    let statements = split(sql).statements;
    let part = Part { file: "f".to_owned(), statements, left_out: Vec::new() };
    let true_rows = BTreeMap::from([("t".to_owned(), 200_000)]);
    let lines = host.lines();
    let place = Place { lines, database: &database, settings: "SELECT 1", true_rows: &true_rows };
    measure(&place, &units(&[part], is_single_transaction)).unwrap()
}

fn verdicts(steps: &[Step]) -> Vec<Verdict> {
    steps.iter().map(|step| step.verdict).collect()
}

#[test]
fn a_lock_that_is_held_makes_the_next_statement_dangerous() {
    use Verdict::{Brief, Dangerous, Harmless};
    let sql = "ALTER TABLE t ADD COLUMN k int; UPDATE t SET k = id";
    let apart = steps(sql, false);
    assert_eq!(verdicts(&apart), [Brief, Harmless]);
    assert_eq!((apart[1].rows_changed, &*apart[1].scanned), (20_000, &["t".to_owned()][..]));
    for (sql, is_single_transaction) in
        [(sql.to_owned(), true), (format!("BEGIN; {sql}; COMMIT"), false)]
    {
        let together = steps(&sql, is_single_transaction);
        assert_eq!(verdicts(&together), [Brief, Dangerous]);
        let held = together[1].blocking().unwrap();
        assert!(held.is_from_before, "{held:?}");
    }
}

#[test]
fn what_the_migration_makes_itself_is_nobodys_loss() {
    let made =
        "CREATE TABLE k AS SELECT * FROM t; ALTER TABLE k ADD PRIMARY KEY (id); DROP TABLE k";
    assert_eq!(verdicts(&steps(made, false)), [Verdict::Harmless; 3]);
}

#[test]
fn a_failure_takes_its_transaction_with_it() {
    use Verdict::{Brief, Failed, Harmless, NotRun};
    let sql = "CREATE TABLE k (); BEGIN; ALTER TABLE t ADD COLUMN k int; SELECT nothing; \
               SELECT 1; COMMIT; SELECT 2";
    assert_eq!(verdicts(&steps(sql, false)), [Harmless, Brief, Failed, NotRun, NotRun]);
}

#[test]
fn time_is_scaled_to_the_rows_of_the_source() {
    let steps = steps("ALTER TABLE t ALTER COLUMN id TYPE bigint; ALTER TABLE t ADD k int", false);
    assert_eq!(steps[0].scaled_us, Some(steps[0].took_us * 10));
    assert_eq!(steps[1].scaled_us, None);
}
