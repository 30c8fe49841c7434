//! The drifts that are planted, and how each must be told.

use super::exchange::{Answered, Exchange};
use super::orders::{CREATE, LIST, SHOW};
use plumb_gap::rule::Rule;
use serde_json::json;

/// One change of the traffic.
pub(crate) struct Drift {
    pub(crate) name: &'static str,
    pub(crate) plant: fn(&mut [Exchange]),
    pub(crate) rule: Rule,
    pub(crate) operation: &'static str,
    pub(crate) place: &'static str,
    /// What may be told beside it, as another view of the same cause.
    pub(crate) also: &'static [(Rule, &'static str)],
}

const fn drift(
    name: &'static str,
    plant: fn(&mut [Exchange]),
    rule: Rule,
    operation: &'static str,
    place: &'static str,
) -> Drift {
    Drift { name, plant, rule, operation, place, also: &[] }
}

/// Every kind of drift.
pub(crate) const DRIFTS: [Drift; 16] = [
    drift("field removed", remove_field, Rule::ResponseFieldGone, SHOW, "response 200 $.currency"),
    drift("field added", add_field, Rule::ResponseFieldNew, SHOW, "response 200 $.discount"),
    drift("type changed", change_type, Rule::ResponseTypeChanged, SHOW, "response 200 $.priority"),
    drift("null at times", make_null, Rule::ResponseNull, SHOW, "response 200 $.customer.name"),
    drift("new value", add_value, Rule::ResponseValueNew, SHOW, "response 200 $.status"),
    drift("new status", add_status, Rule::StatusNew, SHOW, "response 429"),
    drift("status gone", move_status, Rule::StatusGone, CREATE, "response 201"),
    Drift {
        // What the mocks send is refused now: the answer that they give for it is gone, too.
        also: &[(Rule::StatusGone, "response 201")],
        ..drift(
            "new required request field",
            require_field,
            Rule::RequestFieldRequired,
            CREATE,
            "request $.channel",
        )
    },
    drift(
        "header gone",
        remove_header,
        Rule::ResponseHeaderGone,
        LIST,
        "response 200 header x-total-count",
    ),
    drift("array emptied", empty_array, Rule::ResponseEmpty, SHOW, "response 200 $.items"),
    drift("int32 to int64", widen, Rule::ResponseNumberWidened, SHOW, "response 200 $.total"),
    drift(
        "integer to fraction",
        make_fraction,
        Rule::ResponseNumberWidened,
        SHOW,
        "response 200 $.total",
    ),
    drift(
        "format changed",
        change_format,
        Rule::ResponseFormatChanged,
        SHOW,
        "response 200 $.created_at",
    ),
    drift("endpoint gone", remove_endpoint, Rule::OperationGone, LIST, "response 200"),
    drift(
        "optional field stopped",
        stop_field,
        Rule::ResponseFieldNeverSeen,
        SHOW,
        "response 200 $.note",
    ),
    drift(
        "field absent at times",
        remove_field_at_times,
        Rule::ResponseFieldOptional,
        SHOW,
        "response 200 $.currency",
    ),
];

fn answers<'a>(
    exchanges: &'a mut [Exchange],
    operation: &'a str,
    status: u16,
) -> impl Iterator<Item = &'a mut Exchange> {
    let is_meant = move |one: &&mut Exchange| one.operation() == operation && one.status == status;
    exchanges.iter_mut().filter(is_meant)
}

fn shown(exchanges: &mut [Exchange]) -> impl Iterator<Item = &mut Exchange> {
    answers(exchanges, SHOW, 200)
}

/// Every fourth order, so that the change is neither everywhere nor rare.
fn some_shown(exchanges: &mut [Exchange]) -> impl Iterator<Item = &mut Exchange> {
    shown(exchanges).step_by(4)
}

fn remove_field(exchanges: &mut [Exchange]) {
    shown(exchanges).for_each(|one| drop(one.members().remove("currency")));
}

fn remove_field_at_times(exchanges: &mut [Exchange]) {
    some_shown(exchanges).for_each(|one| drop(one.members().remove("currency")));
}

fn add_field(exchanges: &mut [Exchange]) {
    shown(exchanges).for_each(|one| drop(one.members().insert("discount".to_owned(), json!(5))));
}

fn change_type(exchanges: &mut [Exchange]) {
    shown(exchanges).for_each(|one| one.members()["priority"] = json!("high"));
}

fn make_null(exchanges: &mut [Exchange]) {
    some_shown(exchanges).for_each(|one| one.members()["customer"]["name"] = json!(null));
}

fn add_value(exchanges: &mut [Exchange]) {
    some_shown(exchanges).for_each(|one| one.members()["status"] = json!("refunded"));
}

fn add_status(exchanges: &mut [Exchange]) {
    for one in some_shown(exchanges) {
        one.status = 429;
        let refusal = json!({ "error": { "code": "too_many", "message": "come back later" } });
        one.response = Answered::Json(refusal);
    }
}

fn move_status(exchanges: &mut [Exchange]) {
    answers(exchanges, CREATE, 201).for_each(|one| one.status = 202);
}

/// Every request that succeeds carries the field, and one like the mocks' is refused.
fn require_field(exchanges: &mut [Exchange]) {
    for one in answers(exchanges, CREATE, 201) {
        one.request.as_mut().unwrap()["channel"] = json!("web");
    }
    for one in answers(exchanges, CREATE, 400) {
        one.request.as_mut().unwrap()["sku"] = json!("desk");
    }
}

fn remove_header(exchanges: &mut [Exchange]) {
    answers(exchanges, LIST, 200).for_each(|one| one.headers.clear());
}

fn empty_array(exchanges: &mut [Exchange]) {
    shown(exchanges).for_each(|one| one.members()["items"] = json!([]));
}

fn widen(exchanges: &mut [Exchange]) {
    some_shown(exchanges).for_each(|one| one.members()["total"] = json!(3_000_000_000_000_i64));
}

fn make_fraction(exchanges: &mut [Exchange]) {
    some_shown(exchanges).for_each(|one| one.members()["total"] = json!(19.99));
}

fn change_format(exchanges: &mut [Exchange]) {
    shown(exchanges).for_each(|one| one.members()["created_at"] = json!("20/11/2026 10:00"));
}

fn remove_endpoint(exchanges: &mut [Exchange]) {
    for one in answers(exchanges, LIST, 200) {
        one.status = 404;
        one.headers.clear();
        one.response = Answered::Html("<h1>Not Found</h1>");
    }
}

fn stop_field(exchanges: &mut [Exchange]) {
    shown(exchanges).for_each(|one| drop(one.members().remove("note")));
}
