//! Reads recordings of Polly.JS: HAR files with a name of their own, which tell what browsers leave
//! to the wire: compressed bodies in chunks.
//!
//! Knows how they differ from any HAR; refuses to know what an entry is.

use crate::cassette::{Recorded, har};
use crate::reading::{Beside, Reading, SourceFile};
use plumb_shape::claim::Dialect;
use plumb_tree::Node;

/// True for a HAR that Polly.JS wrote: it names its recording, or its creator.
pub(crate) fn is_like(root: &Node) -> bool {
    let creator = root.path(&["log", "creator", "name"]).and_then(Node::as_str);
    let named = root.path(&["log", "_recordingName"]).is_some() || creator == Some("Polly.JS");
    named && har::is_like(root)
}

/// Reads every entry that has an answer.
pub(crate) fn read(file: &SourceFile<'_>, documents: &[Node], _beside: Beside<'_>) -> Reading {
    har::read_as(Dialect::Polly, file, documents, |entry, tally| {
        let recorded = har::recorded(entry, tally)?;
        let response = recorded.response.without_compression(entry.line, tally);
        Some(Recorded { response, ..recorded })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests_print::print;
    use plumb_tree::json::parse_json;

    #[test]
    fn a_recording_is_read_as_a_har_with_chunks() {
        let gzip = "H4sIAAAAAAACA6tWSlSyMqwFAK+sG1YHAAAA";
        let text = format!(
            r#"{{"log":{{"_recordingName":"Sign In","creator":{{"name":"Polly.JS"}},
"entries":[{{"_id":"06","_order":0,
  "request":{{"method":"POST","url":"https://h/login","bodySize":7,
    "postData":{{"mimeType":"application/json","text":"{{\"a\":1}}"}}}},
  "response":{{"status":200,
    "headers":[{{"name":"content-encoding","value":"gzip"}},
               {{"name":"content-type","value":"application/json"}}],
    "content":{{"size":30,"encoding":"base64","text":"[\"{gzip}\"]"}}}}}}
]}}}}"#
        );
        let documents = parse_json(text.as_bytes()).unwrap().documents;
        assert!(is_like(&documents[0]));
        let file = SourceFile { path: "recording.har", bytes: text.as_bytes() };
        let reading = read(&file, &documents, &|_| None);
        assert!(reading.claims.iter().all(|claim| claim.source.dialect == Dialect::Polly));
        assert_eq!(
            print(&reading),
            "2:12 example POST /login exactly -> 200, by h
  called POST https://h/login
  request media-type application/json: always present
  request $: always record
  request $.a: always int32
  response header content-encoding: always text
  response media-type application/json: always present
  response $: always record
  response $.a: always int32
"
        );
    }
}
