//! What changes in a project's file, and that nothing else does.

use super::*;
use crate::clock::parse_day;
use proptest::prelude::*;

fn accept(finding: &str, by: Option<&str>) -> Accept {
    Accept {
        finding: finding.to_owned(),
        reason: "their \"fix\" is on its way".to_owned(),
        until_day: parse_day("2027-01-31").unwrap(),
        by: by.map(str::to_owned),
    }
}

#[track_caller]
fn check(before: &str, accept: &Accept, expected: &str) {
    let after = with_accept(before, accept).unwrap();
    assert_eq!(after, expected);
    let again = with_accept(&after, accept).unwrap();
    assert_eq!(again, after, "the second time changes nothing");
}

#[track_caller]
fn check_refused(before: &str, message: &str) {
    let error = with_accept(before, &accept("a", None)).unwrap_err();
    assert_eq!(error.to_string(), message);
}

const ADDED: &str = "[[accept]]\nfinding = \"a:b\"\nreason = \"their \\\"fix\\\" is on its way\"\n\
                     until = 2027-01-31\n";

#[test]
fn a_new_one_goes_to_the_end() {
    let new = accept("a:b", None);
    check("", &new, ADDED);
    let file = "# ours\nproject   =  'x' # yes\n\n[evidence]\nk=5";
    check(file, &new, &format!("{file}\n\n{ADDED}"));
    let file = "[[accept]]\nfinding='z'\nreason='z'\nuntil=2026-01-01\n# the end\n";
    check(file, &new, &format!("{file}\n{ADDED}"));
    let file = "project = 'x'\r\n";
    check(file, &new, &format!("{file}\r\n{}", ADDED.replace('\n', "\r\n")));
    check("", &accept("a:b", Some("ada")), &format!("{ADDED}by = \"ada\"\n"));
}

const FILE: &str = "\
# before
[[accept]]           # the first
finding = 'z'
reason = 'z'
until = 2026-01-01

[[accept]]           # the one
# why it is so
until   = 2026-01-01 # soon
\"reason\" = '''
old
words'''             # old
  by    = \"bob\"      # him
finding = 'a:b'      # this

# between
[[accept]]
finding = 'y'
reason = 'y'
until = 2026-01-01
";

#[test]
fn one_that_is_there_is_renewed_in_place() {
    let renewed = FILE
        .replace("until   = 2026-01-01 #", "until   = 2027-01-31 #")
        .replace("'''\nold\nwords'''", r#""their \"fix\" is on its way""#);
    check(FILE, &accept("a:b", Some("ada")), &renewed.replace("\"bob\"", "\"ada\""));
    check(FILE, &accept("a:b", Some("bob")), &renewed);
    check(FILE, &accept("a:b", None), &renewed.replace("  by    = \"bob\"      # him\n", ""));
}

#[test]
fn a_person_is_added_below_the_last_line() {
    let file = ADDED.trim_end();
    check(file, &accept("a:b", Some("ada")), &format!("{file}\nby = \"ada\"\n"));
    let file = format!("{ADDED}# more\n[evidence]\nk = 5\n");
    let expected = format!("{ADDED}by = \"ada\"\n# more\n[evidence]\nk = 5\n");
    check(&file, &accept("a:b", Some("ada")), &expected);
    let file = ADDED.replace('\n', "\r\n");
    check(&file, &accept("a:b", Some("ada")), &format!("{file}by = \"ada\"\r\n"));
}

#[test]
fn what_cannot_be_added_to_is_refused() {
    check_refused(
        "a = ",
        "this is not TOML in plumb.toml:1:5: string values must be quoted, expected literal string",
    );
    check_refused(
        "accept = [{ finding = 'a', reason = 'b', until = 2026-01-01 }]",
        "`accept` is written as one list in plumb.toml:1:10, and nothing can be added to it",
    );
    check_refused(
        "accept = []",
        "`accept` is written as one list in plumb.toml:1:10, and nothing can be added to it",
    );
    check_refused("[[accept]]\nfinding = 'a'", "`accept.reason` is missing in plumb.toml:1:1");
    check_refused(
        "[accept]\nfinding = 'a'",
        "`accept` is a section, not a list of sections, in plumb.toml:1:1",
    );
    let error = with_accept("", &Accept { reason: " ".to_owned(), ..accept("a", None) });
    assert_eq!(error.unwrap_err().to_string(), "`accept.reason` is empty in the new acceptance");
}

/// Lines of a file that no acceptance touches.
fn other_lines() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("# a remark\n".to_owned()),
        Just("\n".to_owned()),
        Just("   \t# [[accept]] is not one\n".to_owned()),
        Just("#é \"\"\" '''\r\n".to_owned()),
        Just("[[dependency]]\nname = \"x\" # [[accept]]\n".to_owned()),
        Just("[[dependency]]\nowner = '''\n[[accept]]\nfinding = \"0\"\n'''\n".to_owned()),
    ]
}

/// An acceptance of the finding of this number, written in one of several ways.
fn section(number: usize) -> impl Strategy<Value = String> {
    let values = (any::<String>(), any::<Option<String>>(), any::<bool>(), "[ \t]{0,3}");
    values.prop_map(move |(reason, by, is_last, blank)| {
        let reason =
            format!("{blank}reason{blank}={blank}{}{blank}# x\n", quoted(&format!("{reason}.")));
        let by =
            by.map(|by| format!("by={} # him\n", quoted(&format!("{by}.")))).unwrap_or_default();
        let finding = format!("finding = \"{number}\"\n");
        let rest = format!("{blank}until = 2026-02-03 # y\n{by}{reason}");
        let lines = if is_last { rest + &finding } else { finding + &rest };
        format!("[[accept]]{blank}\n{lines}")
    })
}

fn file() -> impl Strategy<Value = String> {
    let other = || proptest::collection::vec(other_lines(), 0..4);
    let parts = (other(), section(0), other(), section(1), other(), section(2), other());
    parts.prop_map(|(a, one, b, two, c, three, d)| {
        [a.concat(), one, b.concat(), two, c.concat(), three, d.concat()].concat()
    })
}

/// The acceptances of a file, as it is read.
fn read(text: &str) -> Vec<Accept> {
    let source = Source { file: PROJECT_FILE, text };
    let entries = parse(source).unwrap();
    let tables = Table::root(source, &entries).tables("accept").unwrap();
    read_accepts(&tables).unwrap().into_iter().map(|put| put.accept).collect()
}

proptest! {
    #[test]
    fn exactly_one_acceptance_changes_and_the_rest_of_the_text_stays(
        before in file(),
        number in 0_usize..4,
        reason in any::<String>(),
        by in any::<Option<String>>(),
        until_day in -700_000_i32..2_900_000,
    ) {
        let new = Accept {
            finding: number.to_string(),
            reason: format!("{reason}."),
            until_day,
            by: by.map(|by| format!("{by}.")),
        };
        let after = with_accept(&before, &new).unwrap();
        let mut expected = read(&before);
        match expected.iter_mut().find(|old| old.finding == new.finding) {
            Some(old) => *old = new.clone(),
            None => expected.push(new.clone()),
        }
        prop_assert_eq!(read(&after), expected);
        // All sections but the one concerned stand there as they stood.
        let whole: Vec<&str> = before.split_inclusive('\n').collect();
        let keeps = |line: &&&str| !["reason", "until", "by"].iter()
            .any(|key| line.trim_start_matches([' ', '\t']).starts_with(key));
        let mut rest = after.as_str();
        for line in whole.iter().filter(keeps) {
            let at = rest.find(line);
            prop_assert!(at.is_some(), "{line:?} stays, in order");
            rest = &rest[at.unwrap() + line.len()..];
        }
        if number == 3 {
            prop_assert!(after.starts_with(&before));
        }
        prop_assert_eq!(with_accept(&after, &new).unwrap(), after);
    }
}
