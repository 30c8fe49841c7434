//! The answer keys of the real pairs, row by row, as rule, operation and place. Written by hand
//! from `truth.json` and the READMEs of the fixtures.

use plumb_gap::finding::Verdict::{self, Broken, Drifted};
use plumb_gap::rule::Rule;

/// One thing that must be told.
#[derive(Debug)]
pub(crate) struct Row {
    /// The row of `truth.json`; several findings may tell one row.
    pub(crate) id: &'static str,
    pub(crate) rule: Rule,
    pub(crate) verdict: Verdict,
    pub(crate) operation: &'static str,
    pub(crate) place: &'static str,
    /// How the address ends that the claim was recorded from; empty when any will do.
    pub(crate) address: &'static str,
}

/// A broken finding that no row of `truth.json` names, and the words of the README that do.
#[derive(Debug)]
pub(crate) struct Allowed {
    pub(crate) rule: Rule,
    pub(crate) operation: &'static str,
    pub(crate) place: &'static str,
    pub(crate) because: &'static str,
}

const fn row(
    id: &'static str,
    (rule, verdict): (Rule, Verdict),
    operation: &'static str,
    place: &'static str,
) -> Row {
    Row { id, rule, verdict, operation, place, address: "" }
}

const fn at(row: Row, address: &'static str) -> Row {
    Row { address, ..row }
}

const fn allowed(
    rule: Rule,
    operation: &'static str,
    place: &'static str,
    because: &'static str,
) -> Allowed {
    Allowed { rule, operation, place, because }
}

const OPERATION_GONE: (Rule, Verdict) = (Rule::OperationGone, Broken);
const STATUS_BROKEN: (Rule, Verdict) = (Rule::StatusGone, Broken);
const STATUS_DRIFTED: (Rule, Verdict) = (Rule::StatusGone, Drifted);
const FIELD_NEW: (Rule, Verdict) = (Rule::ResponseFieldNew, Drifted);
const TYPE_CHANGED: (Rule, Verdict) = (Rule::ResponseTypeChanged, Broken);
const EMPTIED: (Rule, Verdict) = (Rule::ResponseEmpty, Drifted);
const UNSELECTED: (Rule, Verdict) = (Rule::ResponseUnselected, Drifted);
const HEADER_BROKEN: (Rule, Verdict) = (Rule::ResponseHeaderGone, Broken);
const HEADER_DRIFTED: (Rule, Verdict) = (Rule::ResponseHeaderGone, Drifted);

/// mlflow 1.30 to 2.22, client 1.30.
pub(crate) const MLFLOW_1_TO_2: &[Row] = &[
    row("m1", OPERATION_GONE, "GET /api/2.0/mlflow/experiments/list", "response 200"),
    row(
        "m2",
        OPERATION_GONE,
        "POST /api/2.0/preview/mlflow/registered-models/create",
        "response 200",
    ),
    row("m3", OPERATION_GONE, "POST /api/2.0/preview/mlflow/model-versions/create", "response 200"),
    row(
        "m4",
        OPERATION_GONE,
        "POST /api/2.0/preview/mlflow/model-versions/transition-stage",
        "response 200",
    ),
    row("m5", OPERATION_GONE, "GET /api/2.0/preview/mlflow/registered-models/list", "response 200"),
    row(
        "m6",
        OPERATION_GONE,
        "GET /api/2.0/preview/mlflow/registered-models/search",
        "response 200",
    ),
    row("m8", STATUS_DRIFTED, "POST /api/2.0/mlflow/runs/log-parameter", "response 400"),
    row("m9", FIELD_NEW, "GET /api/2.0/mlflow/runs/get", "response 200 $.run.inputs"),
    row("m9", FIELD_NEW, "POST /api/2.0/mlflow/runs/create", "response 200 $.run.inputs"),
    row("m9", FIELD_NEW, "POST /api/2.0/mlflow/runs/search", "response 200 $.runs[].inputs"),
];

/// m7 is noise: 404 for a model that was never created, after m2.
pub(crate) const MLFLOW_1_TO_2_NOISE: &[&str] = &["m7"];

/// mlflow 2.22 to 3.17, client 2.22.
pub(crate) const MLFLOW_2_TO_3: &[Row] = &[
    row("m10", FIELD_NEW, "GET /api/2.0/mlflow/runs/get", "response 404 $.error_class"),
    row("m10", FIELD_NEW, "GET /api/2.0/mlflow/runs/get", "response 404 $.sqlstate"),
    row("m10", FIELD_NEW, "POST /api/2.0/mlflow/runs/log-parameter", "response 400 $.error_class"),
    row("m10", FIELD_NEW, "POST /api/2.0/mlflow/runs/log-parameter", "response 400 $.sqlstate"),
    row("m10", FIELD_NEW, "POST /api/2.0/mlflow/experiments/update", "response 500 $.error_class"),
    row("m10", FIELD_NEW, "POST /api/2.0/mlflow/experiments/update", "response 500 $.sqlstate"),
    row(
        "m10",
        FIELD_NEW,
        "POST /api/2.0/mlflow/registered-models/create",
        "response 400 $.error_class",
    ),
    row("m11", FIELD_NEW, "GET /api/2.0/mlflow/runs/get", "response 200 $.run.outputs"),
    row("m11", FIELD_NEW, "POST /api/2.0/mlflow/runs/search", "response 200 $.runs[].outputs"),
    row(
        "m12",
        FIELD_NEW,
        "GET /api/2.0/mlflow/experiments/get-by-name",
        "response 200 $.experiment.workspace",
    ),
    row(
        "m12",
        FIELD_NEW,
        "POST /api/2.0/mlflow/experiments/search",
        "response 200 $.experiments[].workspace",
    ),
];

/// m13 adds security headers and drops `Connection: close`. By policy a new housekeeping header is
/// no finding, and a transport header never is; the seams name the former.
pub(crate) const MLFLOW_2_TO_3_UNSEEN: &[&str] = &["m13"];

/// json-server 0.17 to 1.0.0-beta.15.
pub(crate) const JSON_SERVER: &[Row] = &[
    at(row("j1", TYPE_CHANGED, "GET /posts", "response 200 $[].id"), ":6201/posts"),
    row("j1", TYPE_CHANGED, "GET /posts/{}", "response 200 $.id"),
    row("j1", TYPE_CHANGED, "POST /posts", "response 201 $.id"),
    row("j1", TYPE_CHANGED, "PUT /posts/{}", "response 200 $.id"),
    row("j1", TYPE_CHANGED, "PATCH /posts/{}", "response 200 $.id"),
    at(
        row("j2", HEADER_BROKEN, "GET /posts", "response 200 header x-total-count"),
        "_start=5&_end=10",
    ),
    at(row("j3", TYPE_CHANGED, "GET /posts", "response 200 $"), "/posts?_page=2"),
    at(row("j4", EMPTIED, "GET /posts", "response 200 $"), "/posts?id=1&id=2"),
    at(row("j5", EMPTIED, "GET /posts", "response 200 $"), "/posts?q=title+2"),
    at(row("j6", EMPTIED, "GET /posts", "response 200 $"), "/posts?title_like=title+1"),
    at(row("j7", UNSELECTED, "GET /posts", "response 200 $[].id"), "/posts?id_ne=1"),
    at(row("j8", EMPTIED, "GET /posts", "response 200 $"), "/posts?_sort=views&_order=asc"),
    at(row("j9", EMPTIED, "GET /posts", "response 200 $"), "/posts?_start=5&_end=10"),
    at(row("j10", EMPTIED, "GET /comments", "response 200 $"), "/comments?_expand=post"),
    at(row("j11", EMPTIED, "GET /posts", "response 200 $[].comments"), "/posts?_embed=comments"),
    row("j11", EMPTIED, "GET /posts/{}", "response 200 $.comments"),
    row("j12", OPERATION_GONE, "GET /posts/{}/comments", "response 200"),
    row("j13", OPERATION_GONE, "GET /db", "response 200"),
    row("j14", OPERATION_GONE, "POST /profile", "response 201"),
    row("j15", STATUS_BROKEN, "POST /posts", "response 201"),
    row("j16", STATUS_DRIFTED, "POST /posts", "response 400"),
    row("j17", STATUS_DRIFTED, "POST /posts", "response 500"),
    row("j18", STATUS_BROKEN, "HEAD /posts", "response 200"),
    row("j19", FIELD_NEW, "DELETE /comments/{}", "response 200 $.id"),
    row("j19", FIELD_NEW, "DELETE /posts/{}", "response 200 $.id"),
    row("j20", FIELD_NEW, "GET /posts/{}", "response 404 $.error"),
    row("j20", FIELD_NEW, "GET /nope", "response 404 $.error"),
    row("j21", HEADER_BROKEN, "POST /posts", "response 201 header location"),
    row("j22", HEADER_DRIFTED, "*", "response header cache-control"),
    row("j22", HEADER_DRIFTED, "*", "response header etag"),
    row("j22", HEADER_DRIFTED, "*", "response header expires"),
    row("j22", HEADER_DRIFTED, "*", "response header pragma"),
];

/// Noise: `x-powered-by` names software.
pub(crate) const JSON_SERVER_UNSEEN: &[&str] = &["j23"];

/// Broken beyond the rows, by the README.
pub(crate) const JSON_SERVER_ALLOWED: &[Allowed] = &[
    allowed(
        Rule::ResponseHeaderGone,
        "GET /comments",
        "response 200 header x-total-count",
        "list responses: header `X-Total-Count`",
    ),
    allowed(
        Rule::ResponseHeaderGone,
        "GET /posts",
        "response 200 header link",
        "`Access-Control-Expose-Headers` gone, `Link` gone",
    ),
];

/// Of the rows above, those that the stubs recorded from 0.17 speak of.
pub(crate) const JSON_SERVER_MOCKED: &[Row] = &[
    row("j1", TYPE_CHANGED, "GET /posts/{}", "response 200 $.id"),
    row("j1", TYPE_CHANGED, "POST /posts", "response 201 $.id"),
    row("j1", TYPE_CHANGED, "PUT /posts/{}", "response 200 $.id"),
    row("j2", HEADER_BROKEN, "GET /posts", "response 200 header x-total-count"),
    row("j4", EMPTIED, "GET /posts", "response 200 $"),
    row("j10", EMPTIED, "GET /comments", "response 200 $"),
    row("j19", FIELD_NEW, "DELETE /posts/{}", "response 200 $.id"),
    row("j21", HEADER_BROKEN, "POST /posts", "response 201 header location"),
    row("j22", HEADER_DRIFTED, "*", "response header cache-control"),
    row("j22", HEADER_DRIFTED, "*", "response header etag"),
];

/// json-server 0.17 to 1.0.0-beta.3, by the README: the same without what only beta.15 does.
pub(crate) const JSON_SERVER_BETA_3: &[Row] = &[
    at(row("j1", TYPE_CHANGED, "GET /posts", "response 200 $[].id"), ":6201/posts"),
    row("j1", TYPE_CHANGED, "GET /posts/{}", "response 200 $.id"),
    row("j1", TYPE_CHANGED, "POST /posts", "response 201 $.id"),
    row("j2", HEADER_BROKEN, "GET /posts", "response 200 header x-total-count"),
    at(row("j3", TYPE_CHANGED, "GET /posts", "response 200 $"), "/posts?_page=2"),
    at(row("j11", EMPTIED, "GET /posts", "response 200 $[].comments"), "/posts?_embed=comments"),
    row("j12", OPERATION_GONE, "GET /posts/{}/comments", "response 200"),
    row("j13", OPERATION_GONE, "GET /db", "response 200"),
    row("j14", OPERATION_GONE, "POST /profile", "response 201"),
    row("j15", STATUS_BROKEN, "POST /posts", "response 201"),
    row("j16", STATUS_DRIFTED, "POST /posts", "response 400"),
    row("j17", STATUS_DRIFTED, "POST /posts", "response 500"),
    row("j19", FIELD_NEW, "DELETE /comments/{}", "response 200 $.id"),
    row("j21", HEADER_BROKEN, "POST /posts", "response 201 header location"),
    row("j22", HEADER_DRIFTED, "*", "response header etag"),
];

const NOT_FOUND_TEXT: &str = "404 body {} -> text \"Not Found\" (beta.3)";
const IDS_ARE_STRINGS: &str = "ids: JSON numbers -> strings";

/// Broken beyond those rows, by the README.
pub(crate) const JSON_SERVER_BETA_3_ALLOWED: &[Allowed] = &[
    allowed(
        Rule::MediaTypeChanged,
        "DELETE /comments/{}",
        "response 404 media-type application/json",
        NOT_FOUND_TEXT,
    ),
    allowed(
        Rule::MediaTypeChanged,
        "GET /nope",
        "response 404 media-type application/json",
        NOT_FOUND_TEXT,
    ),
    allowed(
        Rule::MediaTypeChanged,
        "GET /posts/{}",
        "response 404 media-type application/json",
        NOT_FOUND_TEXT,
    ),
    allowed(
        Rule::MediaTypeChanged,
        "PUT /posts/{}",
        "response 404 media-type application/json",
        NOT_FOUND_TEXT,
    ),
    allowed(Rule::ResponseTypeChanged, "GET /comments", "response 200 $[].id", IDS_ARE_STRINGS),
    allowed(Rule::ResponseTypeChanged, "PATCH /posts/{}", "response 200 $.id", IDS_ARE_STRINGS),
    allowed(Rule::ResponseTypeChanged, "PUT /posts/{}", "response 200 $.id", IDS_ARE_STRINGS),
    allowed(
        Rule::ResponseFieldGone,
        "GET /comments",
        "response 200 $[].post",
        "query operators silently not applied",
    ),
    allowed(
        Rule::ResponseHeaderGone,
        "GET /comments",
        "response 200 header x-total-count",
        "list responses: header `X-Total-Count`",
    ),
    allowed(
        Rule::ResponseHeaderGone,
        "GET /posts",
        "response 200 header link",
        "`Access-Control-Expose-Headers` gone, `Link` gone",
    ),
];

const HEADER_NEW: (Rule, Verdict) = (Rule::ResponseHeaderNew, Drifted);

/// Celery 3.1 to 4.4, what a worker finds on its queue. A pickle is not looked into, so that q2
/// shows by what appears among the headers, and breaks by q1: the whole body is another.
pub(crate) const CELERY_3_TO_4: &[Row] = &[
    row(
        "q1",
        (Rule::MediaTypeChanged, Broken),
        "MESSAGE /celery",
        "response media-type application/x-python-serialize",
    ),
    row("q2", HEADER_NEW, "MESSAGE /celery", "response header task"),
    row("q2", HEADER_NEW, "MESSAGE /celery", "response header id"),
];

/// Celery 4.4 to 5.7.
pub(crate) const CELERY_4_TO_5: &[Row] = &[
    row("q3", HEADER_NEW, "MESSAGE /celery", "response header ignore_result"),
    row("q3", HEADER_NEW, "MESSAGE /celery", "response header replaced_task_nesting"),
    row("q3", HEADER_NEW, "MESSAGE /celery", "response header stamped_headers"),
    row("q3", HEADER_NEW, "MESSAGE /celery", "response header stamps"),
];

/// True beyond the key: each step of a chain lost a key that was always null. The workers of 4.4
/// took it, as the key's matrix shows, so it is drifted and not broken.
pub(crate) const CELERY_4_TO_5_UNNAMED: &[(Rule, &str)] =
    &[(Rule::ResponseFieldGone, "response $[].chain[].chord_size")];
