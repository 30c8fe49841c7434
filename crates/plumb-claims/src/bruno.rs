//! Bruno requests (`.bru`): one request in a file, with saved examples in blocks of its markup.
//!
//! A saved example is an example: an answer that somebody kept beside its request. Refuses to know
//! scripts and tests, which are code, and what a variable holds.

pub(crate) mod block;

use crate::bruno::block::{Entry, Lines};
use crate::cassette::{Body, Message, Recorded, TOO_MANY, claims_of};
use crate::collection_request::{address, computed, form, with_body};
use crate::reading::{CLAIMS_MAX, Reading, SourceFile};
use crate::unread_tally::{UnreadTally, Why};
use plumb_shape::claim::Dialect;
use std::borrow::Cow;
use std::collections::BTreeMap;

const NO_ADDRESS: Why = Why {
    reason: "an example has no request with an address over http, it is not read",
    remedy: "give it one, or take it out",
};
const NO_ANSWER: Why = Why {
    reason: "an example has no answer with a status from 100 to 599, it is not read",
    remedy: "save the answer again, or take it out",
};
const PARTS: Why = Why {
    reason: "a request sends a file, parts of a form or GraphQL, nothing is said about its body",
    remedy: "keep it; the rest of the example is compared",
};

/// Words that begin a block with the request of a file: its method.
const METHODS: [&str; 9] =
    ["get", "post", "put", "patch", "delete", "options", "head", "connect", "trace"];

/// How the block of an example begins.
const EXAMPLE: &str = "example {";

/// True for a file that holds an example.
pub(crate) fn is_like(text: &str) -> bool {
    text.lines().any(|line| line.trim_end() == EXAMPLE)
}

/// An example and where its parts stand.
pub(crate) struct Example<'a> {
    pub(crate) whole: Entry<'a>,
    pub(crate) request: Lines<'a>,
    pub(crate) response: Lines<'a>,
    /// The block of the request's body: `body:json`, `body:text` ...
    pub(crate) sent: Option<Entry<'a>>,
    /// The answer's body.
    pub(crate) answered: Lines<'a>,
}

/// The examples among the blocks of a file.
pub(crate) fn examples<'a>(blocks: &[Entry<'a>]) -> impl Iterator<Item = Example<'a>> {
    let is_example = |block: &&Entry<'_>| block.key == "example" && block.text.is_empty();
    blocks.iter().filter(is_example).map(|block| Example::of(*block))
}

impl<'a> Example<'a> {
    fn of(whole: Entry<'a>) -> Self {
        let none = Lines::of(&[]);
        let block = |key: &str| whole.inside.get(key).map_or(none, |it| it.inside);
        let (request, response) = (block("request"), block("response"));
        let sent = request.entries().into_iter().find(|it| it.key.starts_with("body:"));
        let answered = response.get("body").map_or(none, |it| it.inside);
        // Bodies stand in a field of their own, or, from older versions, between the braces.
        let answered = answered.get("content").map_or(answered, |it| it.inside);
        Self { whole, request, response, sent, answered }
    }

    /// The status of the answer, and where it is written.
    pub(crate) fn status(&self) -> Option<(u16, Entry<'a>)> {
        let codes = self.response.get("status")?.inside;
        // Some imports wrote the code and its words the other way round.
        let code = |key: &&str| codes.get(key).and_then(|it| Some((it.text.parse().ok()?, it)));
        ["code", "text"].iter().find_map(code).filter(|(code, _)| (100..600).contains(code))
    }
}

/// Reads the examples of a file, one claim each.
pub(crate) fn read(file: &SourceFile<'_>) -> Reading {
    let text = String::from_utf8_lossy(file.bytes);
    let lines: Vec<&str> = text.lines().collect();
    let blocks = Lines::of(&lines).entries();
    let mut tally = UnreadTally::default();
    let method = blocks.iter().find(|block| METHODS.contains(&block.key)).map(|it| it.key);
    let texts: Vec<Texts<'_>> = examples(&blocks).map(texts_of).collect();
    let recorded: Vec<Recorded<'_>> = texts
        .iter()
        .take(CLAIMS_MAX)
        .filter_map(|texts| recorded(texts, method, &mut tally))
        .collect();
    if let Some(beyond) = texts.get(CLAIMS_MAX) {
        tally.add(beyond.example.whole.line, TOO_MANY);
    }
    let claims = claims_of(file.path, Dialect::Bruno, &recorded);
    Reading { claims, unread: tally.into_unread(file.path) }
}

/// An example with the texts of its bodies, which are kept indented.
struct Texts<'a> {
    example: Example<'a>,
    sent: String,
    answered: String,
}

fn texts_of(example: Example<'_>) -> Texts<'_> {
    let sent = example.sent.map(|it| it.inside.to_text()).unwrap_or_default();
    Texts { sent, answered: example.answered.to_text(), example }
}

fn recorded<'a>(
    texts: &'a Texts<'a>,
    method: Option<&'a str>,
    tally: &mut UnreadTally,
) -> Option<Recorded<'a>> {
    let example = &texts.example;
    let (line, column) = (example.whole.line, example.whole.column);
    let field = |lines: Lines<'a>, key: &str| lines.get(key).map(|it| it.text);
    let url = field(example.request, "url").and_then(|url| address(url, &BTreeMap::new()));
    let url = tally.need(url, line, NO_ADDRESS)?;
    let (status, _) = tally.need(example.status(), line, NO_ANSWER)?;
    let method = field(example.request, "method").or(method).unwrap_or("get");
    let headers = headers_of(example.response);
    let response = with_body(headers, &texts.answered, line, tally);
    Some(Recorded {
        place: (line, column),
        method,
        url,
        recorded_at: None,
        name: field(example.whole.inside, "name").map(str::to_owned),
        status,
        request: sent(texts, line, tally),
        response,
    })
}

/// Headers that are not switched off.
fn headers_of(side: Lines<'_>) -> Vec<(&str, Cow<'_, str>)> {
    let entries = side.get("headers").map(|it| it.inside.entries()).unwrap_or_default();
    let enabled = entries.into_iter().filter(|it| !it.key.starts_with('~'));
    enabled.map(|it| (it.key, Cow::Owned(computed(it.text)))).collect()
}

fn sent<'a>(texts: &'a Texts<'a>, line: u32, tally: &mut UnreadTally) -> Message<'a> {
    let mut headers = headers_of(texts.example.request);
    let block = texts.example.sent;
    let kind = block.map(|it| it.key.trim_start_matches("body:")).unwrap_or_default();
    let media_type = match kind {
        "json" => Some("application/json"),
        "xml" => Some("application/xml"),
        "text" => Some("text/plain"),
        "form-urlencoded" => Some("application/x-www-form-urlencoded"),
        _ => None,
    };
    let is_typed = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    if let Some(media_type) = media_type.filter(|_| !is_typed) {
        headers.push(("content-type", Cow::Borrowed(media_type)));
    }
    match (kind, block) {
        ("", _) => Message { headers, body: Body::none() },
        ("form-urlencoded", Some(block)) => {
            let fields = block.inside.entries();
            let enabled = fields.iter().filter(|it| !it.key.starts_with('~'));
            Message { headers, body: form(enabled.map(|it| (it.key, it.text))) }
        }
        ("json" | "xml" | "text", _) => with_body(headers, &texts.sent, line, tally),
        _ => {
            tally.add(line, PARTS);
            Message { headers, body: Body::Unknown }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests_print::{print, print_heads};

    fn reading(text: &str) -> Reading {
        assert!(is_like(text), "{text}");
        read(&SourceFile { path: "orders/create.bru", bytes: text.as_bytes() })
    }

    #[test]
    fn an_example_says_its_request_and_answer() {
        let text = r#"meta {
  name: create
  type: http
}

post {
  url: {{base}}/orders
}

example {
  name: created
  description: as it was

  request: {
    url: {{base}}/shops/:shop/orders?dry=1
    method: post
    mode: json
    headers: {
      X-Off: 1
    }

    body:json: {
      {
        "sku": "{{sku}}"
      }
    }
  }

  response: {
    headers: {
      content-type: application/json
      ~x-off: 1
    }

    status: {
      code: 201
      text: Created
    }

    body: {
      type: json
      content: '''
        {
          "id": 7
        }
      '''
    }
  }
}
"#;
        assert_eq!(
            print(&reading(text)),
            "10:1 example POST /shops/{}/orders exactly -> 201
  called created
  request query dry: always digits
  request media-type application/json: always present
  request $: always record
  request $.sku: always any string
  response media-type application/json: always present
  response $: always record
  response $.id: always int32
"
        );
    }

    #[test]
    fn older_and_odd_examples() {
        let text = r#"put {
  url: x
}
example {
  name: old
  request: {
    url: https://h/a
    body:form-urlencoded: {
      a: b
      ~c: d
    }
  }
  response: {
    status: {
      code: Accepted
      text: 202
    }
    body: {
      {
        "id": 1
      }
    }
  }
}
example {
  request: {
    url: https://h/a
    body:file: {
      file: @file(a)
    }
  }
  response: {
    status: {
      code: 200
    }
  }
}
example {
  name: a
}
example {
  request: {
    url: https://h/
  }
}
"#;
        let printed = print(&reading(text));
        assert!(printed.contains("request $.a: always text in \"b\""), "{printed}");
        assert!(printed.contains("response $.id: always int32"), "{printed}");
        assert_eq!(
            print_heads(&reading(text)),
            "4:1 example PUT /a exactly -> 202, by h
  called old
25:1 example PUT /a exactly -> 200, by h
  called PUT https://h/a
unread 25: a request sends a file, parts of a form or GraphQL, nothing is said about its body
  so keep it; the rest of the example is compared
unread 38: an example has no request with an address over http, it is not read
  so give it one, or take it out
unread 41: an example has no answer with a status from 100 to 599, it is not read
  so save the answer again, or take it out
"
        );
    }
}
