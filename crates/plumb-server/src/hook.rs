//! Web hooks: a change of verdict as a CloudEvent, signed, to whoever asked for it.
//!
//! Source of the envelope: CloudEvents 1.0.2, structured mode. Refuses to know why a verdict
//! changed.

use crate::client::{agent, words};
use crate::standing::Change;
use hmac::{Hmac, KeyInit as _, Mac as _};

use plumb_engine::shelf;
use plumb_wire::rfc3339::rfc3339;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::thread::sleep;
use std::time::Duration;
use ureq::tls::RootCerts;

/// The type of the events.
const EVENT_TYPE: &str = "dev.plumb.verdict.changed.v1";

/// The header that carries the signature: HMAC-SHA-256 of the body, as GitHub writes its own.
const SIGNATURE: &str = "x-plumb-signature-256";

/// How often an event is sent before it is given up.
const ATTEMPTS_MAX: u32 = 3;

/// How long to wait before the next attempt; twice as long after each.
const PAUSE: Duration = Duration::from_millis(500);

/// How long an attempt may take.
const WAIT: Duration = Duration::from_secs(5);

/// Who is told. The address is a secret: whoever knows it can send there.
#[derive(Clone)]
pub struct Hook {
    /// Where to.
    pub url: String,
    /// What to sign with; nothing is signed without.
    pub secret: Option<Vec<u8>>,
    /// Whom to trust beside the system's authorities.
    pub trusted: RootCerts,
}

impl std::fmt::Debug for Hook {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Hook").finish_non_exhaustive()
    }
}

/// Sends a change. An answer of 400 or a like one is not tried again.
pub(crate) fn announce(hook: &Hook, change: &Change) -> Result<(), String> {
    let body = event(change).to_string();
    let mut pause = PAUSE;
    let mut attempt = 1;
    loop {
        match send(hook, &body) {
            Ok(()) => return Ok(()),
            Err((_, Again::Perhaps)) if attempt < ATTEMPTS_MAX => {}
            Err((why, _)) => return Err(why),
        }
        sleep(pause);
        (attempt, pause) = (attempt + 1, pause * 2);
    }
}

/// Whether trying again may help.
enum Again {
    Perhaps,
    Never,
}

fn send(hook: &Hook, body: &str) -> Result<(), (String, Again)> {
    let mut request = agent(WAIT, hook.trusted.clone())
        .post(&hook.url)
        .header("content-type", "application/cloudevents+json; charset=utf-8");
    if let Some(secret) = &hook.secret
        && let Ok(hmac) = Hmac::<Sha256>::new_from_slice(secret)
    {
        let signature = hmac.chain_update(body).finalize().into_bytes();
        request = request.header(SIGNATURE, format!("sha256={}", shelf::hex(&signature)));
    }
    match request.send(body) {
        Ok(response) if response.status().is_success() => Ok(()),
        Ok(response) => {
            let status = response.status();
            let is_for_now = status.is_server_error() || status.as_u16() == 429;
            let again = if is_for_now { Again::Perhaps } else { Again::Never };
            Err((format!("the web hook answered {status}"), again))
        }
        Err(err) => Err((words(&err), Again::Perhaps)),
    }
}

fn event(change: &Change) -> Value {
    let Change { subject, from, to, at_ms } = change;
    let data = json!({
        "version": 1,
        "seam": subject,
        "from": from,
        "to": to,
    });
    let identity = Sha256::digest(format!("{data}{at_ms}"));
    json!({
        "specversion": "1.0",
        "id": shelf::hex(&identity[..16]),
        "source": "/plumb",
        "type": EVENT_TYPE,
        "subject": format!("{} {}", subject.writer, subject.operation),
        "time": rfc3339(*at_ms),
        "datacontenttype": "application/json",
        "data": data,
    })
}
