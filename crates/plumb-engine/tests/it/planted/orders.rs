//! The conversation: an API of orders, with every answer often enough to be judged.

use super::exchange::{Answered, Exchange};
use serde_json::{Value, json};

/// Exchanges of each answer: in equal shares of states and notes, and enough that chance does not
/// explain what every fourth shows.
const EACH: usize = 60;

/// The states of an order.
pub(super) const STATES: [&str; 3] = ["pending", "paid", "shipped"];

/// Operations by their names in findings.
pub(super) const SHOW: &str = "GET /orders/{}";
pub(super) const LIST: &str = "GET /orders";
pub(super) const CREATE: &str = "POST /orders";

/// All exchanges: shown, not found, created, refused and listed orders in turn.
pub(crate) fn conversation() -> Vec<Exchange> {
    (0..EACH).flat_map(|at| [show(at), miss(at), create(at), refuse(at), list(at)]).collect()
}

/// The exchanges from which a team would have written or recorded its mocks: the first of each
/// answer, with every state and with and without a note.
pub(super) fn recorded(conversation: &[Exchange]) -> &[Exchange] {
    const ANSWERS: usize = 5;
    &conversation[..ANSWERS * STATES.len() * 2]
}

fn show(at: usize) -> Exchange {
    let mut order = json!({
        "id": 1_001 + at,
        "status": STATES[at % STATES.len()],
        "total": 1_999 + at,
        "priority": 1 + at % 3,
        "currency": "EUR",
        "created_at": format!("2026-11-20T10:{at:02}:00Z"),
        "customer": { "name": "Ann Smith", "email": "ann@example.org" },
        "items": [{ "sku": "desk", "quantity": 2 }, { "sku": "lamp", "quantity": 1 }],
    });
    if at.is_multiple_of(2) {
        order["note"] = json!("leave it at the door");
    }
    answer("GET", format!("/orders/{}", 1_001 + at), None, (200, order))
}

fn miss(at: usize) -> Exchange {
    let refusal = error("order_unknown", "there is no such order");
    answer("GET", format!("/orders/{}", 900_001 + at), None, (404, refusal))
}

fn create(at: usize) -> Exchange {
    let request = json!({ "sku": "desk", "quantity": 1 + at % 4 });
    let order = json!({ "id": 2_001 + at, "status": "pending" });
    answer("POST", "/orders".to_owned(), Some(request), (201, order))
}

fn refuse(at: usize) -> Exchange {
    let request = json!({ "quantity": 1 + at % 4 });
    let refusal = error("sku_missing", "say what to order");
    answer("POST", "/orders".to_owned(), Some(request), (400, refusal))
}

fn list(at: usize) -> Exchange {
    let line = |at: usize| json!({ "id": 1_001 + at, "status": STATES[at % STATES.len()] });
    let body = json!({ "orders": [line(at), line(at + 1), line(at + 2)] });
    let mut exchange = answer("GET", "/orders?limit=3".to_owned(), None, (200, body));
    exchange.headers.push(("x-total-count", "60".to_owned()));
    exchange
}

fn error(code: &str, message: &str) -> Value {
    json!({ "error": { "code": code, "message": message } })
}

fn answer(
    method: &'static str,
    target: String,
    request: Option<Value>,
    (status, body): (u16, Value),
) -> Exchange {
    let response = Answered::Json(body);
    Exchange { method, target, request, status, headers: Vec::new(), response }
}
