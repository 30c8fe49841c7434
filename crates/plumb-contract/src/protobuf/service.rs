//! Services as callers and servers of two versions meet: paths, and how many messages go each way.
//! Refuses to know what the messages hold.

use crate::change::{Change, Grade};
use crate::compared::{Flow, reversed, ways};
use crate::protobuf::model::{Method, Model, Service};

/// Every fact of methods as they are called. Callers are of the version that writes.
#[must_use]
pub fn called(old: &Model, new: &Model, flow: Flow) -> Vec<Change> {
    let mut changes = Vec::new();
    for service in &old.services {
        let partner = new.services.iter().find(|other| other.name == service.name);
        for method in &service.methods {
            let other = partner.and_then(|it| it.methods.iter().find(|it| it.name == method.name));
            match other {
                Some(other) => streams(service, (method, other), flow, &mut changes),
                None => changes.push(gone(
                    service,
                    method,
                    flow,
                    (
                        "method-removed",
                        flow != Flow::NewWrites,
                        "the new version does not serve it",
                    ),
                )),
            }
        }
    }
    for service in &new.services {
        let partner = old.services.iter().find(|other| other.name == service.name);
        for method in &service.methods {
            if !partner.is_some_and(|it| it.methods.iter().any(|it| it.name == method.name)) {
                let mut change = gone(
                    service,
                    method,
                    flow,
                    ("method-added", flow != Flow::OldWrites, "the old version does not serve it"),
                );
                (change.old, change.new) = (None, change.old);
                changes.push(change);
            }
        }
    }
    changes
}

fn gone(
    service: &Service,
    method: &Method,
    flow: Flow,
    (rule, is_called, why): (&'static str, bool, &str),
) -> Change {
    let path = path(service, method);
    Change {
        grade: if is_called { Grade::Breaking } else { Grade::Safe },
        rule,
        subject: format!("service {}", service.name),
        place: format!("method {}", method.name),
        direction: flow,
        old: method.spot.clone(),
        new: None,
        reason: format!("{why}: a call of it is answered UNIMPLEMENTED"),
        witness: is_called.then_some(path),
    }
}

fn streams(service: &Service, (old, new): (&Method, &Method), flow: Flow, out: &mut Vec<Change>) {
    let sides = [
        ("request-stream-changed", (old.streams_input, new.streams_input), flow),
        ("response-stream-changed", (old.streams_output, new.streams_output), reversed(flow)),
    ];
    for (rule, (was, is), flow) in sides {
        for way in ways(flow).iter().filter(|_| was != is) {
            let writes_many = if *way == Flow::NewWrites { is } else { was };
            let (grade, why) = if writes_many {
                (Grade::Breaking, "any number of messages is sent to who reads just one")
            } else {
                (Grade::Safe, "one message is sent to who reads any number")
            };
            let shown = format!("{} with two messages", path(service, new));
            out.push(Change {
                grade,
                rule,
                subject: format!("service {}", service.name),
                place: format!("method {}", new.name),
                direction: *way,
                old: old.spot.clone(),
                new: new.spot.clone(),
                reason: why.to_owned(),
                witness: writes_many.then_some(shown),
            });
        }
    }
}

/// Where a call goes.
fn path(service: &Service, method: &Method) -> String {
    format!("/{}/{}", service.name, method.name)
}
