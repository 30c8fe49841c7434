//! The conversation as a Bruno request, with an example for each recorded exchange.

use super::exchange::{Exchange, header_object};
use super::orders::recorded;

pub(super) fn request(conversation: &[Exchange]) -> String {
    let examples: String = recorded(conversation).iter().map(example).collect();
    format!("get {{\n  url: http://orders/\n}}\n{examples}")
}

fn example(exchange: &Exchange) -> String {
    let body = exchange.request.as_ref().map(|body| block("body:json", 4, &body.to_string()));
    let headers = header_object(&exchange.response_headers());
    let header = |(name, value): (&String, &serde_json::Value)| {
        format!("      {name}: {}\n", value.as_str().unwrap())
    };
    let headers: String = headers.as_object().unwrap().iter().map(header).collect();
    format!(
        "
example {{
  name: as it was

  request: {{
    url: {}
    method: {}
{}  }}

  response: {{
    headers: {{
{headers}    }}

    status: {{
      code: {}
    }}

    body: {{
      content: '''
        {}
      '''
    }}
  }}
}}
",
        exchange.url(),
        exchange.method.to_lowercase(),
        body.unwrap_or_default(),
        exchange.status,
        exchange.text(),
    )
}

fn block(name: &str, depth: usize, text: &str) -> String {
    let indent = " ".repeat(depth);
    format!("{indent}{name}: {{\n{indent}  {text}\n{indent}}}\n")
}
