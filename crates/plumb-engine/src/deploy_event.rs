//! Releases as the tools that deploy announce them: CDEvents in a CloudEvents envelope, and
//! GitHub's `deployment_status`.
//!
//! Events of other kinds are counted, not refused: senders send all they have. Refuses to know how
//! an event came and whether its sender may be believed.

use crate::clock::parse_moment;
use percent_encoding::percent_decode_str;
use plumb_gap::release::Release;
use serde_json::Value;
use thiserror::Error;

/// Events in one batch. Deployments are rare, and a batch of them is rarer.
const EVENTS_MAX: usize = 1_000;

/// Letters of a name or a version.
const NAME_BYTES_MAX: usize = 512;

/// What an announcement told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Announced {
    /// What went live.
    pub releases: Vec<Release>,
    /// Events that tell of no release.
    pub others: usize,
}

/// Why an announcement cannot be read. No value of it is quoted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EventError {
    /// Not JSON.
    #[error("the event is not JSON: line {line}, column {column}")]
    NotJson {
        /// From 1.
        line: usize,
        /// From 1.
        column: usize,
    },
    /// Something that an event must have is not there, or of the wrong kind.
    #[error("the event has no usable `{0}`")]
    Lacks(&'static str),
    /// More events than are taken at once.
    #[error("the batch holds {0} events, at most {EVENTS_MAX} are taken at once")]
    TooMany(usize),
}

/// Reads CDEvents: one as it is (binary mode), in an envelope (structured mode), or a batch.
/// `service.deployed`, `service.upgraded` and `service.rolledback` of any version tell releases.
/// Source: <https://cdevents.dev/docs/continuous-deployment/>.
///
/// # Errors
///
/// [`EventError`]; nothing of a batch counts then.
pub fn cdevents(bytes: &[u8]) -> Result<Announced, EventError> {
    let events = match json(bytes)? {
        Value::Array(events) if events.len() > EVENTS_MAX => {
            return Err(EventError::TooMany(events.len()));
        }
        Value::Array(events) => events,
        event => vec![event],
    };
    let mut announced = Announced::default();
    for event in &events {
        let event =
            event.get("data").filter(|_| event.get("specversion").is_some()).unwrap_or(event);
        match cdevent(event)? {
            Some(release) => announced.releases.push(release),
            None => announced.others += 1,
        }
    }
    Ok(announced)
}

fn cdevent(event: &Value) -> Result<Option<Release>, EventError> {
    let kind = text(event, "/context/type").ok_or(EventError::Lacks("context.type"))?;
    let mut words = kind.strip_prefix("dev.cdevents.service.").unwrap_or_default().split('.');
    if !matches!(words.next(), Some("deployed" | "upgraded" | "rolledback")) {
        return Ok(None);
    }
    let artifact = text(event, "/subject/content/artifactId")
        .and_then(package_version)
        .ok_or(EventError::Lacks("subject.content.artifactId"))?;
    Ok(Some(Release {
        at_ms: text(event, "/context/timestamp")
            .and_then(|moment| parse_moment(moment).ok())
            .ok_or(EventError::Lacks("context.timestamp"))?,
        component: text(event, "/subject/id").ok_or(EventError::Lacks("subject.id"))?.to_owned(),
        version: artifact,
        environment: text(event, "/subject/content/environment/id").unwrap_or_default().to_owned(),
    }))
}

/// The version in a package URL: the tag of an image, else what stands behind the `@`.
/// Source: <https://github.com/package-url/purl-spec>.
fn package_version(purl: &str) -> Option<String> {
    let purl = purl.strip_prefix("pkg:")?;
    let purl = purl.split_once('#').map_or(purl, |(before, _)| before);
    let (path, qualifiers) = purl.split_once('?').unwrap_or((purl, ""));
    let tag = qualifiers.split('&').find_map(|pair| pair.strip_prefix("tag="));
    let version = tag.or_else(|| path.rsplit_once('@').map(|(_, version)| version))?;
    let version = percent_decode_str(version).decode_utf8().ok()?.into_owned();
    (!version.is_empty()).then_some(version)
}

/// Reads what GitHub sends as `deployment_status`: a status of `success` tells a release of the
/// repository. Its version is `version` in the deployment's payload, else the tag, else the commit.
/// Source: <https://docs.github.com/en/webhooks/webhook-events-and-payloads#deployment_status>.
///
/// # Errors
///
/// [`EventError`].
pub fn github(bytes: &[u8]) -> Result<Announced, EventError> {
    let event = json(bytes)?;
    let Some(state) = text(&event, "/deployment_status/state") else {
        return Ok(Announced { releases: Vec::new(), others: 1 });
    };
    if state != "success" {
        return Ok(Announced { releases: Vec::new(), others: 1 });
    }
    let lacks = EventError::Lacks;
    let release = Release {
        at_ms: text(&event, "/deployment_status/created_at")
            .and_then(|moment| parse_moment(moment).ok())
            .ok_or(lacks("deployment_status.created_at"))?,
        component: text(&event, "/repository/name").ok_or(lacks("repository.name"))?.to_owned(),
        version: github_version(&event).ok_or(lacks("deployment.sha"))?.to_owned(),
        environment: text(&event, "/deployment/environment").unwrap_or_default().to_owned(),
    };
    Ok(Announced { releases: vec![release], others: 0 })
}

fn github_version(event: &Value) -> Option<&str> {
    let reference = text(event, "/deployment/ref");
    let tag = reference.and_then(|it| it.strip_prefix("refs/tags/").or(Some(it))).filter(|it| {
        let number = it.strip_prefix('v').unwrap_or(it);
        number.starts_with(|letter: char| letter.is_ascii_digit()) && number.contains('.')
    });
    text(event, "/deployment/payload/version").or(tag).or_else(|| text(event, "/deployment/sha"))
}

fn json(bytes: &[u8]) -> Result<Value, EventError> {
    serde_json::from_slice(bytes)
        .map_err(|err| EventError::NotJson { line: err.line(), column: err.column() })
}

/// A text that can be a name.
fn text<'a>(event: &'a Value, pointer: &str) -> Option<&'a str> {
    let text = event.pointer(pointer)?.as_str()?;
    (!text.is_empty() && text.len() <= NAME_BYTES_MAX).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn release(version: &str) -> Announced {
        let release = Release {
            at_ms: 1_795_262_400_000,
            component: "payments".to_owned(),
            version: version.to_owned(),
            environment: "production".to_owned(),
        };
        Announced { releases: vec![release], others: 0 }
    }

    fn deployed(kind: &str, artifact: &str) -> Value {
        json!({
            "context": { "version": "0.5.1", "id": "1", "source": "/cd", "type": kind,
                "timestamp": "2026-11-21T12:00:00Z" },
            "subject": { "id": "payments", "type": "service", "content": {
                "environment": { "id": "production" }, "artifactId": artifact } }
        })
    }

    #[track_caller]
    fn check_cdevents(event: &Value, expected: &Announced) {
        assert_eq!(cdevents(event.to_string().as_bytes()).as_ref(), Ok(expected));
    }

    #[test]
    fn deployments_are_releases() {
        let upgraded = |artifact| deployed("dev.cdevents.service.upgraded.0.3.0", artifact);
        check_cdevents(&upgraded("pkg:oci/payments@sha256%3Aab?tag=1.2"), &release("1.2"));
        check_cdevents(&upgraded("pkg:oci/payments@sha256%3Aab"), &release("sha256:ab"));
        check_cdevents(&upgraded("pkg:npm/%40shop/payments@3.0.1#lib"), &release("3.0.1"));
        let event = deployed("dev.cdevents.service.rolledback.0.2.0", "pkg:a/b@1");
        let enveloped = json!({ "specversion": "1.0", "type": "x", "data": event });
        check_cdevents(&enveloped, &release("1"));
        let other = deployed("dev.cdevents.service.removed.0.3.0", "pkg:a/b@1");
        let batch = json!([enveloped, other]);
        check_cdevents(&batch, &Announced { others: 1, ..release("1") });
    }

    #[track_caller]
    fn check_error(text: &str, expected: &str) {
        assert_eq!(cdevents(text.as_bytes()).unwrap_err().to_string(), expected);
    }

    #[test]
    fn what_is_no_event_is_refused_without_quoting_it() {
        check_error("{secret", "the event is not JSON: line 1, column 2");
        check_error("{}", "the event has no usable `context.type`");
        let event = deployed("dev.cdevents.service.deployed.0.3.0", "payments:1").to_string();
        check_error(&event, "the event has no usable `subject.content.artifactId`");
        let many = format!("[{}]", vec!["{}"; EVENTS_MAX + 1].join(","));
        check_error(&many, "the batch holds 1001 events, at most 1000 are taken at once");
    }

    #[track_caller]
    fn check_github(state: &str, reference: &str, payload: &Value, expected: &Announced) {
        let event = json!({
            "action": "created",
            "deployment_status": { "state": state, "created_at": "2026-11-21T12:00:00Z" },
            "deployment": { "ref": reference, "sha": "9f31c2", "environment": "production",
                "payload": payload },
            "repository": { "name": "payments" }
        });
        assert_eq!(github(event.to_string().as_bytes()).as_ref(), Ok(expected));
    }

    #[test]
    fn a_successful_status_is_a_release() {
        check_github("success", "main", &json!({}), &release("9f31c2"));
        check_github("success", "refs/tags/v1.2.0", &json!(""), &release("v1.2.0"));
        check_github("success", "2026.11.3", &json!({}), &release("2026.11.3"));
        check_github("success", "main", &json!({ "version": "7" }), &release("7"));
        check_github("in_progress", "main", &json!({}), &Announced { releases: vec![], others: 1 });
        assert_eq!(github(b"{\"zen\":\"\"}").unwrap().others, 1);
    }
}
