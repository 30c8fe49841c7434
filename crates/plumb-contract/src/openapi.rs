//! Reads a description in Swagger 2.0 or OpenAPI 3.0 to 3.2 into an [`Interface`].
//!
//! Walks from the document to its paths and operations. Refuses to know schemas, which are left
//! where they stand, and what two versions change.

mod body;
pub(crate) mod dialect;
pub mod document;
pub(crate) mod kin;
mod parameter;
pub(crate) mod schema;
mod security;
mod server;
pub(crate) mod shelf;
mod status;
mod swagger;
mod swagger_parameter;
pub(crate) mod work;

use crate::interface::model::{
    Body, Dialect, Interface, Operation, Response, Role, Status, Template,
};
use crate::openapi::body::content;
use crate::openapi::document::{Documents, Links, Spot};
use crate::openapi::parameter::{headers, parameters};
use crate::openapi::security::security;
use crate::openapi::server::servers;
use crate::openapi::status::statuses;
use crate::openapi::work::Work;
use std::collections::{BTreeMap, BTreeSet};

/// The keys of a path that are methods.
const METHODS: [&str; 9] =
    ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/// Operations of one description at most: the largest public ones have a few thousand.
const OPERATIONS_MAX: usize = 50_000;

/// Callbacks within callbacks: nobody writes a second level.
const CALLBACKS_DEEP_MAX: usize = 3;

/// Reads an interface from the files of its description.
///
/// What cannot be read is told in `unread`; when that is the whole, `is_read` is false.
#[must_use]
pub fn read(documents: &Documents) -> Interface<'_> {
    let links = Links::new(documents);
    let root = match documents.root() {
        Ok(root) => root,
        Err(unread) => {
            return Interface {
                unread: vec![unread],
                is_read: false,
                operations: Vec::new(),
                dialect: Dialect::ThirtyOne,
                links,
            };
        }
    };
    let mut work = Work::new(&links, root);
    let dialect = dialect::dialect_of(&mut work);
    let mut operations = Vec::new();
    if let Some(dialect) = dialect {
        work.dialect = dialect;
        read_paths(&mut work, &mut operations);
        read_webhooks(&mut work, &mut operations);
        operations = each_once(&mut work, operations);
    }
    let unread = work.into_unread();
    let is_read = dialect.is_some() && root.get("paths").or(root.get("webhooks")).is_some();
    let dialect = dialect.unwrap_or(Dialect::ThirtyOne);
    Interface { unread, is_read, operations, dialect, links }
}

/// The operations without those whose path differs from that of another in names alone, which are
/// noted: nothing tells which of them a request meets.
fn each_once<'t>(work: &mut Work<'_, 't>, operations: Vec<Operation<'t>>) -> Vec<Operation<'t>> {
    let mut seen = BTreeSet::new();
    let mut kept = Vec::with_capacity(operations.len());
    for operation in operations {
        if seen.insert(operation.name()) {
            kept.push(operation);
        } else {
            work.tell(operation.at, "another path of the same form has this method".to_owned());
        }
    }
    kept
}

/// What surrounds the operations of one path.
struct PathItem<'t> {
    role: Role,
    within: String,
    path: Template,
    spot: Spot<'t>,
    /// Callbacks around it.
    depth: usize,
}

fn read_paths<'t>(work: &mut Work<'_, 't>, operations: &mut Vec<Operation<'t>>) {
    let Some(paths) = work.root.get("paths") else {
        if work.root.get("webhooks").is_none() {
            work.tell(work.root, "there are no `paths`, so no operation is described".to_owned());
        }
        return;
    };
    for (path, spot) in work.members(paths, "`paths`") {
        if path.starts_with("x-") {
            continue;
        }
        let Some(spot) = work.resolve(spot) else { continue };
        let path = Template::new(path);
        let within = String::new();
        let item = PathItem { role: Role::Served, within, path, spot, depth: 0 };
        read_path_item(work, operations, &item);
    }
}

fn read_webhooks<'t>(work: &mut Work<'_, 't>, operations: &mut Vec<Operation<'t>>) {
    let Some(webhooks) = work.root.get("webhooks").or_else(|| work.root.get("x-webhooks")) else {
        return;
    };
    for (name, spot) in work.members(webhooks, "`webhooks`") {
        let Some(spot) = work.resolve(spot) else { continue };
        let within = format!("webhook {name} ");
        let path = Template::new("");
        let item = PathItem { role: Role::Called, within, path, spot, depth: 0 };
        read_path_item(work, operations, &item);
    }
}

fn read_path_item<'t>(
    work: &mut Work<'_, 't>,
    operations: &mut Vec<Operation<'t>>,
    item: &PathItem<'t>,
) {
    let members = work.members(item.spot, "a path");
    for (key, spot) in members {
        if METHODS.contains(&key) {
            read_operation(work, operations, item, (key, spot));
        } else if key == "additionalOperations" {
            for (method, spot) in work.members(spot, "`additionalOperations`") {
                read_operation(work, operations, item, (method, spot));
            }
        }
    }
}

fn read_operation<'t>(
    work: &mut Work<'_, 't>,
    operations: &mut Vec<Operation<'t>>,
    item: &PathItem<'t>,
    (method, spot): (&str, Spot<'t>),
) {
    if operations.len() >= OPERATIONS_MAX {
        return work.tell(spot, format!("there are more than {OPERATIONS_MAX} operations"));
    }
    if spot.node.entries().is_empty() {
        work.tell(spot, format!("the operation is {}", spot.node.kind_name()));
    }
    let listed = [spot, item.spot, work.root].into_iter().find_map(|level| level.get("servers"));
    let sunset = ["x-sunset", "sunset"].into_iter().find_map(|key| spot.text(key));
    let mut operation = Operation {
        role: item.role,
        within: item.within.clone(),
        method: method.to_ascii_uppercase(),
        path: item.path.clone(),
        is_deprecated: spot.is_set("deprecated"),
        sunset: sunset.map(str::to_owned),
        parameters: parameters(work, item.spot, spot),
        body: None,
        responses: BTreeMap::new(),
        security: security(work, spot),
        servers: servers(work, listed),
        servers_at: listed.unwrap_or(work.root),
        at: spot,
    };
    if work.dialect == Dialect::Swagger {
        swagger::complete(work, &mut operation, item.spot);
    } else {
        operation.body = spot.get("requestBody").and_then(|at| read_body(work, at));
        operation.responses = read_responses(work, spot);
    }
    let subject = operation.subject();
    operations.push(operation);
    read_callbacks(work, operations, (item.depth, &subject), spot);
}

fn read_callbacks<'t>(
    work: &mut Work<'_, 't>,
    operations: &mut Vec<Operation<'t>>,
    (depth, subject): (usize, &str),
    operation: Spot<'t>,
) {
    let Some(callbacks) = operation.get("callbacks") else { return };
    if depth >= CALLBACKS_DEEP_MAX {
        return work.tell(callbacks, "callbacks stand too deep within callbacks".to_owned());
    }
    for (name, spot) in work.members(callbacks, "`callbacks`") {
        let Some(callback) = work.resolve(spot) else { continue };
        for (expression, spot) in work.members(callback, "a callback") {
            if expression.starts_with("x-") {
                continue;
            }
            let Some(spot) = work.resolve(spot) else { continue };
            let within = format!("{subject} callback {name} ");
            // What stands in an expression is the partner's, so it is no parameter.
            let text = expression.to_owned();
            let path = Template { form: text.clone(), text, names: Vec::new() };
            let item = PathItem { role: Role::Called, within, path, spot, depth: depth + 1 };
            read_path_item(work, operations, &item);
        }
    }
}

fn read_body<'t>(work: &mut Work<'_, 't>, at: Spot<'t>) -> Option<Body<'t>> {
    let spot = work.resolve(at)?;
    let content = content(work, spot);
    if content.is_empty() {
        work.tell(spot, "a `requestBody` has no `content`".to_owned());
    }
    Some(Body { is_required: spot.is_set("required"), content, at: spot })
}

fn read_responses<'t>(
    work: &mut Work<'_, 't>,
    operation: Spot<'t>,
) -> BTreeMap<Status, Response<'t>> {
    let mut responses = BTreeMap::new();
    for (status, spot) in statuses(work, operation) {
        let Some(spot) = work.resolve(spot) else { continue };
        let headers = headers(work, spot.get("headers"));
        let content = content(work, spot);
        responses.insert(status, Response { headers, content, at: spot });
    }
    responses
}

#[cfg(test)]
mod tests;
