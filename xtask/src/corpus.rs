//! Large made-up inputs for measuring: a HAR, WireMock stubs, and requests of a rollout. The same
//! bytes on every machine.
//!
//! Refuses to know how fast anything is.

use crate::outcome::Outcome;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Providers that the made-up requests go to.
const HOSTS: [&str; 4] = ["orders", "payments", "catalog", "accounts"];

/// Collections of each provider; with four providers and two kinds of path this makes 200 seams,
/// as a middling system has.
const COLLECTIONS: usize = 25;

/// Seams that the stubs are about.
const STUB_SEAMS: u64 = 1_000;

/// Writes a HAR of so many exchanges.
pub(crate) fn har(path: &Path, exchanges: &str) -> Outcome {
    write(path, exchanges, |out, count| {
        out.write_all(br#"{"log":{"version":"1.2","creator":{"name":"corpus","version":"1"},"#)?;
        out.write_all(b"\"entries\":[\n")?;
        for number in 0..count {
            let comma = if number == 0 { "" } else { ",\n" };
            write!(out, "{comma}{}", entry(number))?;
        }
        out.write_all(b"\n]}}\n")
    })
}

/// Writes an OpenAPI description of every exchange in such a HAR.
pub(crate) fn description(path: &Path) -> Outcome {
    let servers: Vec<String> =
        HOSTS.iter().map(|host| format!("{{\"url\":\"https://{host}.example/v1\"}}")).collect();
    let paths: Vec<String> = (0..COLLECTIONS).flat_map(described).collect();
    let text = format!(
        "{{\"openapi\":\"3.0.3\",\"info\":{{\"title\":\"corpus\",\"version\":\"1\"}},\
         \"servers\":[{}],\"paths\":{{{}}},\
         \"components\":{{\"schemas\":{{\"Record\":{RECORD}}}}}}}\n",
        servers.join(","),
        paths.join(",")
    );
    ended(path, fs::write(path, text))
}

/// The schema of [`body`].
const RECORD: &str = r#"{"type":"object","required":["id","state","total","note","items"],"properties":{"id":{"type":"integer"},"state":{"type":"string","enum":["pending","paid","shipped","cancelled"]},"total":{"type":"number"},"note":{"type":"string","nullable":true},"items":{"type":"array","items":{"type":"object","required":["sku","quantity"],"properties":{"sku":{"type":"string"},"quantity":{"type":"integer"}}}}}}"#;

/// The two paths of one collection.
fn described(collection: usize) -> [String; 2] {
    const ANSWERS: &str = r##""responses":{"200":{"description":"","content":{"application/json":{"schema":{"$ref":"#/components/schemas/Record"}}}}}"##;
    let parameter = |name, place, schema| {
        let is_path = place == "path";
        format!(
            "\"parameters\":[{{\"name\":\"{name}\",\"in\":\"{place}\",\"required\":{is_path},\
             \"schema\":{{\"type\":\"{schema}\"}}}}]"
        )
    };
    let path = format!("/collection-{}", word(collection));
    let (page, id) = (parameter("page", "query", "integer"), parameter("id", "path", "integer"));
    [
        format!("\"{path}\":{{\"get\":{{{page},{ANSWERS}}}}}"),
        format!("\"{path}/{{id}}\":{{\"get\":{{{id},{ANSWERS}}}}}"),
    ]
}

/// Writes so many WireMock stubs over a thousand seams into one file.
pub(crate) fn stubs(path: &Path, stubs: &str) -> Outcome {
    write(path, stubs, |out, count| {
        out.write_all(b"{\"mappings\":[\n")?;
        for number in 0..count {
            let comma = if number == 0 { "" } else { ",\n" };
            write!(out, "{comma}{}", stub(number))?;
        }
        out.write_all(b"\n]}\n")
    })
}

/// Writes so many WireMock stubs over a thousand seams into one file each.
pub(crate) fn stub_files(folder: &Path, stubs: &str) -> Outcome {
    let Ok(count) = stubs.parse::<u64>() else { return not_a_count(stubs) };
    let written = std::fs::create_dir_all(folder).and_then(|()| {
        (0..count).try_for_each(|number| {
            std::fs::write(folder.join(format!("stub-{number:05}.json")), stub(number))
        })
    });
    ended(folder, written)
}

/// Writes a HAR with evidence for the thousand seams of the stubs, 40 exchanges each.
pub(crate) fn stub_evidence(path: &Path) -> Outcome {
    const EXCHANGES_EACH: u64 = 40;
    write(path, &(STUB_SEAMS * EXCHANGES_EACH).to_string(), |out, count| {
        out.write_all(b"{\"log\":{\"entries\":[\n")?;
        for number in 0..count {
            let comma = if number == 0 { "" } else { ",\n" };
            let (seam, id) = (number % STUB_SEAMS, 1_000 + number);
            let body = stub_body(number, id, seam);
            let url = format!("https://stubbed.example/{}/{id}", collection(seam));
            let (open, text, close) = (envelope(number, "GET", &url), quoted(&body), CLOSING);
            write!(out, "{comma}{open},\"text\":{text}{close}")?;
        }
        out.write_all(b"\n]}}\n")
    })
}

/// Writes a table of so many requests of a rollout, a thousand a second, the last one of each
/// twenty served by the canary, with six columns that groups of users differ in.
pub(crate) fn requests(path: &Path, requests: &str) -> Outcome {
    const GROUPS: [(&str, u64); 6] = [
        ("locale", 40),
        ("age", 6),
        ("platform", 4),
        ("tenant", 200),
        ("client", 30),
        ("area", 12),
    ];
    const START_MS: u64 = 1_795_255_200_000;
    write(path, requests, |out, count| {
        write!(out, "time,version,status")?;
        GROUPS.iter().try_for_each(|(name, _)| write!(out, ",{name}"))?;
        for number in 0..count {
            let mut dice = scrambled(number);
            let version = if number % 20 == 19 { "4.2" } else { "4.1" };
            let status = if dice.is_multiple_of(500) { 500 } else { 200 };
            write!(out, "\n{},{version},{status}", START_MS + number)?;
            for (name, values) in GROUPS {
                // The lower of two is a small number more often, as some values are more usual.
                let value = (dice % values).min((dice >> 32) % values);
                write!(out, ",{}{value}", &name[..1])?;
                dice = scrambled(dice);
            }
        }
        out.write_all(b"\n")
    })
}

fn write(
    path: &Path,
    count: &str,
    content: impl FnOnce(&mut dyn Write, u64) -> io::Result<()>,
) -> Outcome {
    let Ok(count) = count.parse::<u64>() else { return not_a_count(count) };
    let written = File::create(path).and_then(|file| {
        let mut out = BufWriter::new(file);
        content(&mut out, count)?;
        out.flush()
    });
    ended(path, written)
}

fn not_a_count(word: &str) -> Outcome {
    eprintln!("`{word}` is not a number of things to write");
    Outcome::Usage
}

fn ended(path: &Path, written: io::Result<()>) -> Outcome {
    match written {
        Ok(()) => Outcome::Yes,
        Err(error) => {
            eprintln!("cannot write `{}`: {error}", path.display());
            Outcome::Outside
        }
    }
}

/// One exchange of about 740 bytes.
fn entry(number: u64) -> String {
    let dice = scrambled(number);
    let host = HOSTS[at(dice, HOSTS.len())];
    let seam = at(dice >> 8, COLLECTIONS);
    let id = 1_000 + (dice >> 16) % 90_000;
    let path = match dice % 3 {
        0 => format!("collection-{}?page={}", word(seam), number % 7),
        _ => format!("collection-{}/{id}", word(seam)),
    };
    let url = format!("https://{host}.example/v1/{path}");
    let body = body(dice, id);
    let (open, text) = (envelope(number, "GET", &url), quoted(&body));
    format!("{open},\"text\":{text}{CLOSING}")
}

/// What closes an entry after the text of its body.
const CLOSING: &str = r#"},"redirectURL":"","headersSize":-1,"bodySize":-1},"cache":{},"timings":{"send":0,"wait":9,"receive":1}}"#;

fn envelope(number: u64, method: &str, url: &str) -> String {
    let (minute, second) = (number / 60_000 % 60, number / 1_000 % 60);
    format!(
        "{{\"startedDateTime\":\"2026-11-20T10:{minute:02}:{second:02}.{:03}Z\",\"time\":10.5,\
         \"request\":{{\"method\":\"{method}\",\"url\":\"{url}\",\"httpVersion\":\"HTTP/1.1\",\
         \"cookies\":[],\"headers\":[{{\"name\":\"Accept\",\"value\":\"application/json\"}}],\
         \"queryString\":[],\"headersSize\":-1,\"bodySize\":0}},\"response\":{{\"status\":200,\
         \"statusText\":\"OK\",\"httpVersion\":\"HTTP/1.1\",\"cookies\":[],\"headers\":\
         [{{\"name\":\"Content-Type\",\"value\":\"application/json\"}}],\"content\":\
         {{\"size\":-1,\"mimeType\":\"application/json\"",
        number % 1_000
    )
}

/// A small record with an enumeration, an optional member and numbers.
fn body(dice: u64, id: u64) -> String {
    let state = ["pending", "paid", "shipped", "cancelled"][at(dice >> 3, 4)];
    let note = if dice.is_multiple_of(5) { "null" } else { "\"left at the door\"" };
    let (cents, quantity) = (dice % 100, dice % 9 + 1);
    format!(
        "{{\"id\":{id},\"state\":\"{state}\",\"total\":{}.{cents:02},\"note\":{note},\
         \"items\":[{{\"sku\":\"A-{id}\",\"quantity\":{quantity}}}]}}",
        dice % 900
    )
}

/// The same with a member of the seam's own, since paths whose answers look alike are one seam.
fn stub_body(dice: u64, id: u64, seam: u64) -> String {
    let own = collection(seam).replace('/', "-");
    let body = body(dice, id);
    format!("{{\"{own}\":true,{}", body.trim_start_matches('{'))
}

/// One stub in WireMock's form.
fn stub(number: u64) -> String {
    let path = format!("/{}/{}", collection(number % STUB_SEAMS), 1_000 + number);
    let body = stub_body(scrambled(number), 1_000 + number, number % STUB_SEAMS);
    format!(
        "{{\"name\":\"stub {number}\",\"request\":{{\"method\":\"GET\",\"url\":\"{path}\"}},\
         \"response\":{{\"status\":200,\"headers\":{{\"Content-Type\":\"application/json\"}},\
         \"jsonBody\":{body}}}}}\n"
    )
}

/// The two words of one of the thousand seams, few enough in each place to be names.
fn collection(seam: u64) -> String {
    format!("area-{}/shelf-{}", word(at(seam / 40, 25)), word(at(seam, 40)))
}

/// Letters for a small number, so that it is a name and not data.
fn word(number: usize) -> String {
    const LETTERS: &[u8; 16] = b"bcdfghjklmnprstv";
    let letter = |digit: usize| char::from(LETTERS[digit % LETTERS.len()]);
    format!("{}a{}o", letter(number), letter(number / LETTERS.len()))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\\\""))
}

/// A position below `limit`.
fn at(dice: u64, limit: usize) -> usize {
    usize::try_from(dice % limit as u64).unwrap_or_default()
}

/// The number's own random number (SplitMix64).
fn scrambled(number: u64) -> u64 {
    let seed = (number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_have_the_size_of_small_calls() {
        let bytes: usize = (0..1_000).map(|number| entry(number).len()).sum();
        assert!((650..850).contains(&(bytes / 1_000)), "{}", bytes / 1_000);
    }

    #[test]
    fn words_of_seams_differ() {
        let seams: std::collections::BTreeSet<String> = (0..STUB_SEAMS).map(collection).collect();
        assert_eq!(seams.len() as u64, STUB_SEAMS);
    }
}
