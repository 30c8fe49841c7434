//! Text in, pieces out, however the text arrives.

use std::io::BufReader;

use super::*;

fn pieces(text: &[u8], capacity: usize, limits: &Limits) -> Vec<String> {
    let mut input = BufReader::with_capacity(capacity, text);
    let mut window = Window::new(&mut input, limits).unwrap();
    let mut pieces = Vec::new();
    let shown = |place: Place| format!("{}@{}", place.entry, place.at);
    split(&mut window, limits, &mut |piece| {
        pieces.push(match piece {
            Piece::Opening(..) => return None,
            Piece::Entry(place, bytes) => {
                format!("{} {}", shown(place), String::from_utf8_lossy(bytes))
            }
            Piece::NotObject(place, found) => format!("{} is {found}", shown(place)),
            Piece::TooLong(place) => format!("{} is too long", shown(place)),
            Piece::NoEntries { at, found } => format!("@{at} no entries: {found}"),
            Piece::Broken { at, found, expected } => format!("@{at} {found}, not {expected}"),
            Piece::Cut { at, inside } => format!("@{at} cut: {inside:?}"),
            Piece::Utf16 => "utf-16".to_owned(),
        });
        None
    })
    .unwrap();
    pieces
}

fn check(text: &str, expected: &[&str]) {
    let limits = Limits { entry_bytes_max: 40, ..Limits::default() };
    for capacity in [1, 2, 3, 5, 4096] {
        assert_eq!(pieces(text.as_bytes(), capacity, &limits), expected, "{text} by {capacity}");
    }
}

#[test]
fn entries_are_cut_out() {
    check(r#"{"log":{"entries":[]}}"#, &[]);
    check(r#"{"log":{"entries":[{"a":1},{}]}}"#, &[r#"1@19 {"a":1}"#, "2@27 {}"]);
    check(
        concat!(
            "\u{feff}",
            r#" { "x" : [1,{"log":2}] , "log" : { "v":"1\"", "entries" : "#,
            r#"[ {"}":"]\\"} , {} ] , "z":null} , "y":-1e5 }"#,
            "\n"
        ),
        &[r#"1@63 {"}":"]\\"}"#, "2@77 {}"],
    );
}

#[test]
fn braces_and_quotes_inside_strings_do_not_count() {
    check(r#"{"log":{"entries":[{"t":"\"}{\\"}]}}"#, &[r#"1@19 {"t":"\"}{\\"}"#]);
    check(r#"{"log":{"entries":[{"t":[[{"[":"]"}]]}]}}"#, &[r#"1@19 {"t":[[{"[":"]"}]]}"#]);
}

#[test]
fn several_documents_follow_each_other() {
    check(
        "{\"log\":{\"entries\":[{}]}}\n{\"log\":{\"entries\":[{}]}}{\"log\":{}}",
        &["1@19 {}", "2@44 {}", "@49 no entries: `log` with no keys"],
    );
    check(
        r#"{"log":{"entries":[{}]}} tail"#,
        &["1@19 {}", "@25 `t`, not the end of the file, or another HAR"],
    );
    check(r#"{"log":{"entries":[{}],"entries":[{}]}}"#, &["1@19 {}", "2@34 {}"]);
}

#[test]
fn odd_elements_are_told_and_passed() {
    check(
        r#"{"log":{"entries":[7,"s}",null,[{}],true,{},]}}"#,
        &[
            "1@19 is a number",
            "2@21 is a string",
            "3@26 is null",
            "4@31 is an array",
            "5@36 is a boolean",
            "6@41 {}",
        ],
    );
    let long = format!(r#"{{"log":{{"entries":[{{"a":"{}"}},{{}}]}}}}"#, "}".repeat(60));
    check(&long, &["1@19 is too long", "2@88 {}"]);
}

#[test]
fn what_is_no_har_is_described() {
    let expected = "an object with `log`, which holds `entries`";
    check("", &[&format!("@0 nothing at all, not {expected}")]);
    check("[1]", &[&format!("@0 an array, not {expected}")]);
    check("<html>", &[&format!("@0 `<`, not {expected}")]);
    check("\"x\"", &[&format!("@0 a string, not {expected}")]);
    check("{}", &["@0 no entries: an object with no keys"]);
    check(
        r#"{"openapi":"3.1.0","log":[],"c":1,"d":1,"e":1,"f":1,"g":1}"#,
        &["@0 no entries: an object with `openapi`, `log`, `c`, `d`, `e` and 2 more"],
    );
    check(r#"{"log":{"entries":{}}}"#, &["@0 no entries: `log` with `entries`"]);
    check(r#"{"log":{"pages":[]}}"#, &["@0 no entries: `log` with `pages`"]);
    check("{\0\"\0", &["utf-16"]);
    assert_eq!(pieces(b"\xff\xfe{\0", 9, &Limits::default()), ["utf-16"]);
}

#[test]
fn broken_structure_stops_with_a_place() {
    check(r#"{"log":{"entries":[{}{}]}}"#, &["1@19 {}", "@21 `{`, not `,` or `]`"]);
    check(r#"{"log":{"entries":[:]}}"#, &["@19 `:`, not an entry"]);
    check(r#"{"log" {}}"#, &["@7 `{`, not `:`"]);
    check(r#"{log:{}}"#, &["@1 `l`, not a key in double quotes"]);
    check(r#"{"a":}"#, &["@5 `}`, not a value"]);
    check(r#"{"a":1 2}"#, &["@7 `2`, not `,` or `}`"]);
}

#[test]
fn a_cut_is_told_with_its_place() {
    check(r#"{"log":{"entries":[{},{"a":"#, &["1@19 {}", "@22 cut: Entry(2)"]);
    check(r#"{"log":{"entries":[{},"#, &["1@19 {}", "@22 cut: Document"]);
    check(r#"{"log":{"entries":[{}]"#, &["1@19 {}", "@22 cut: Document"]);
    check(r#"{"lo"#, &["@1 cut: Document"]);
    check(r#"{"x":"y\"#, &["@5 cut: Document"]);
}

#[test]
fn who_reads_an_opening_is_spared_the_cut() {
    let text = br#"{"log":{"entries":[{"a":1}, {"b":2} ,{}]}}"#;
    let mut input = &text[..];
    let mut window = Window::new(&mut input, &Limits::default()).unwrap();
    let mut cut = Vec::new();
    split(&mut window, &Limits::default(), &mut |piece| match piece {
        Piece::Opening(place, held) => {
            (place.entry != 2 && held[0] == b'{').then_some(match place {
                Place { entry: 1, .. } => 7,
                _ => 2,
            })
        }
        other => {
            cut.push(format!("{other:?}"));
            None
        }
    })
    .unwrap();
    assert_eq!(cut.len(), 2, "{cut:?}");
    assert!(cut[0].starts_with("Entry(Place { entry: 2, at: 28 }"), "{cut:?}");
}
