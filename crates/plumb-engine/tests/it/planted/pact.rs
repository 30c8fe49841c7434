//! The conversation as a consumer's contract. A value without a rule is asserted as it stands; that
//! is how a contract asserts the size of a number, and in version 2 a format.

use super::exchange::{Answered, Exchange, WRITER, header_object};
use super::orders::{STATES, recorded};
use serde_json::{Map, Value, json};

pub(super) fn v2(conversation: &[Exchange]) -> String {
    contract(conversation, "2.0.0", |exchange| {
        let mut response = response(exchange);
        response["body"] = body(exchange).clone();
        let flat = rules(exchange).into_iter().filter_map(|(path, rule)| {
            let is_known = matches!(rule["match"].as_str(), Some("type" | "regex"));
            is_known.then(|| (path.replacen('$', "$.body", 1), rule))
        });
        response["matchingRules"] = Value::Object(flat.collect());
        json!({ "request": request(exchange, exchange.request.clone()), "response": response })
    })
}

pub(super) fn v3(conversation: &[Exchange]) -> String {
    contract(conversation, "3.0.0", |exchange| {
        let mut response = response(exchange);
        response["body"] = body(exchange).clone();
        response["matchingRules"] = json!({ "body": listed_rules(exchange) });
        json!({ "request": request(exchange, exchange.request.clone()), "response": response })
    })
}

pub(super) fn v4(conversation: &[Exchange]) -> String {
    const TYPE: &str = "application/json";
    let wrapped = |body: &Value| json!({ "content": body, "contentType": TYPE, "encoded": false });
    contract(conversation, "4.0", |exchange| {
        let mut response = response(exchange);
        response["body"] = wrapped(body(exchange));
        response["headers"] = lists(&response["headers"]);
        response["matchingRules"] = json!({ "body": listed_rules(exchange) });
        let mut request = request(exchange, exchange.request.as_ref().map(wrapped));
        request["headers"] = lists(&request["headers"]);
        json!({ "type": "Synchronous/HTTP", "request": request, "response": response })
    })
}

fn contract(
    conversation: &[Exchange],
    version: &str,
    write: impl Fn(&Exchange) -> Value,
) -> String {
    let interaction = |(at, exchange): (usize, &Exchange)| {
        let mut interaction = write(exchange);
        interaction["description"] = json!(format!("{at}: {}", exchange.operation()));
        interaction
    };
    let interactions: Vec<Value> =
        recorded(conversation).iter().enumerate().map(interaction).collect();
    json!({
        "consumer": { "name": "shop" },
        "provider": { "name": WRITER },
        "interactions": interactions,
        "metadata": { "pactSpecification": { "version": version } },
    })
    .to_string()
}

fn request(exchange: &Exchange, body: Option<Value>) -> Value {
    let (path, query) = exchange.target.split_once('?').unwrap_or((&exchange.target, ""));
    let mut request = json!({ "method": exchange.method, "path": path, "headers": {} });
    if let Some((name, value)) = query.split_once('=') {
        request["query"] = json!({ name: [value] });
    }
    if let Some(body) = body {
        request["headers"] = json!({ "content-type": "application/json" });
        request["body"] = body;
        let rules = json!({ "$.quantity": { "matchers": [{ "match": "integer" }] } });
        request["matchingRules"] = json!({ "body": rules });
    }
    request
}

fn response(exchange: &Exchange) -> Value {
    let headers = header_object(&exchange.response_headers());
    json!({ "status": exchange.status, "headers": headers })
}

fn body(exchange: &Exchange) -> &Value {
    match &exchange.response {
        Answered::Json(body) => body,
        Answered::Html(_) => panic!("contracts assert JSON"),
    }
}

/// The rules of an answer by path. `total` has none.
fn rules(exchange: &Exchange) -> Vec<(String, Value)> {
    let like = json!({ "match": "type" });
    let state = json!({ "match": "regex", "regex": STATES.join("|") });
    let some = json!({ "match": "type", "min": 1 });
    let moment = json!({ "match": "datetime", "format": "yyyy-MM-dd'T'HH:mm:ssX" });
    let rules = [
        ("$.id", &like),
        ("$.status", &state),
        ("$.priority", &like),
        ("$.currency", &like),
        ("$.created_at", &moment),
        ("$.customer.name", &like),
        ("$.customer.email", &like),
        ("$.items", &some),
        ("$.items[*].sku", &like),
        ("$.items[*].quantity", &like),
        ("$.note", &like),
        ("$.orders", &some),
        ("$.orders[*].id", &like),
        ("$.orders[*].status", &state),
        ("$.error.code", &like),
        ("$.error.message", &like),
    ];
    let members = body(exchange).as_object().unwrap();
    let is_about = |path: &str| members.keys().any(|name| path[2..].starts_with(name.as_str()));
    let about = rules.into_iter().filter(|(path, _)| is_about(path));
    about.map(|(path, rule)| (path.to_owned(), rule.clone())).collect()
}

fn listed_rules(exchange: &Exchange) -> Value {
    let listed =
        rules(exchange).into_iter().map(|(path, rule)| (path, json!({ "matchers": [rule] })));
    Value::Object(listed.collect::<Map<_, _>>())
}

fn lists(headers: &Value) -> Value {
    let members = headers.as_object().unwrap().iter();
    Value::Object(members.map(|(name, value)| (name.clone(), json!([value]))).collect())
}
