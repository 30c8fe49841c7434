//! An HTTPRoute of the Gateway API: the weights of two services in it, set by a patch that fails
//! when anybody else wrote meanwhile, and believed once a controller has accepted them.
//!
//! Refuses to set weights that another controller owns.

use crate::driver::{Driver, Told, WHOLE_PPM, Wanted};
use crate::http::{Answer, Client, Sent};
use crate::kubeconfig::{Access, in_cluster, of_file};
use crate::trouble::Trouble;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

/// What people say of a route.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// A kubeconfig; without one, this is a pod.
    pub kubeconfig: Option<PathBuf>,
    /// The namespace.
    pub namespace: String,
    /// The route's name.
    pub route: String,
    /// The service of the new version.
    pub canary: String,
    /// The service of the old one.
    pub control: String,
}

/// A route.
#[derive(Clone, Debug)]
pub struct Gateway {
    asked: Asked,
    access: Access,
    client: Client,
}

/// Under which name our fields are managed.
const MANAGER: &str = "plumb";

/// Parts of names under which others manage weights.
const OTHERS: [&str; 3] = ["flagger", "argo-rollouts", "rollouts-controller"];

/// Kinds that own routes whose weights are theirs.
const OWNERS: [&str; 2] = ["Canary", "Rollout"];

/// How often a route is looked at until a controller has accepted it, and the pause between.
const LOOKS_MAX: usize = 50;
const PAUSE: Duration = Duration::from_millis(200);

/// Characters of a name in Kubernetes.
const NAME_CHARS_MAX: usize = 253;

/// A rule that divides between the two services.
struct Rule {
    /// Where both stand: the rule, and the two among its backends.
    at: (usize, usize, usize),
    canary: u64,
    control: u64,
}

impl Gateway {
    /// A route as people say it. `variable` gives variables of the process.
    ///
    /// # Errors
    /// [`Trouble::Setup`] for names that are none, and where nothing tells how to reach the API.
    pub fn new(asked: Asked, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, Trouble> {
        let who = name(&asked);
        let names = [&asked.namespace, &asked.route, &asked.canary, &asked.control];
        if let Some(wrong) = names.into_iter().find(|name| !is_name(name)) {
            let why = format!("`{wrong}` is no name in Kubernetes");
            return Err(Trouble::setup(&who, &why, "write small letters, digits, `-` and `.`"));
        }
        let access = match &asked.kubeconfig {
            Some(path) => of_file(path),
            None => in_cluster(variable),
        };
        let help = "name a `kubeconfig` that logs in by a token, or run in a pod";
        let access = access.map_err(|why| Trouble::setup(&who, &why, help))?;
        let client = Client::new(access.authority.as_deref());
        let client = client.map_err(|why| Trouble::setup(&who, &why, help))?;
        Ok(Self { asked, access, client })
    }

    fn send(&self, body: Option<&str>) -> Result<Answer, Trouble> {
        let Asked { namespace, route, .. } = &self.asked;
        let query = if body.is_some() { format!("?fieldManager={MANAGER}") } else { String::new() };
        let address = format!(
            "{}/apis/gateway.networking.k8s.io/v1/namespaces/{namespace}/httproutes/{route}{query}",
            self.access.server
        );
        let away = |why: String| Trouble::away(&self.name(), why);
        let token = self.access.token().map_err(away)?;
        let body = body.map(|body| ("application/json-patch+json", body));
        let sent = Sent { token: token.as_deref(), body, is_patch: true };
        self.client.send(&address, sent).map_err(away)
    }

    fn route(&self) -> Result<Value, Trouble> {
        let answer = self.send(None)?;
        self.answered(&answer)
    }

    fn answered(&self, answer: &Answer) -> Result<Value, Trouble> {
        let said: Option<Value> = serde_json::from_str(&answer.body).ok();
        let words = said.as_ref().and_then(|it| it.get("message")?.as_str()).unwrap_or_default();
        let why = format!("{} {words}", answer.status);
        match answer.status {
            200..=299 => said.ok_or_else(|| Trouble::unread(&self.name(), "it is no JSON")),
            401 | 403 => {
                let help = "let the service account get and patch `httproutes`";
                Err(Trouble::refused(&self.name(), &why, help))
            }
            404 => {
                let help = "name a route that is there, and see that the Gateway API is installed";
                Err(Trouble::refused(&self.name(), &why, help))
            }
            _ => Err(Trouble::away(&self.name(), why)),
        }
    }

    /// The rules that divide between the two services, at least one.
    fn rules(&self, route: &Value) -> Result<Vec<Rule>, Trouble> {
        rules(route, &self.asked).map_err(|why| {
            let help = "name both services in `backendRefs` of one rule, and no third";
            Trouble::setup(&self.name(), &why, help)
        })
    }
}

impl Driver for Gateway {
    fn name(&self) -> String {
        name(&self.asked)
    }

    fn nearest(&self, ppm: u32) -> u32 {
        ppm
    }

    fn set(&mut self, wanted: &Wanted) -> Result<(), Trouble> {
        let route = self.route()?;
        if let Some(other) = other(&route) {
            let why = format!("its weights belong to {other}");
            let help = "leave them to it, and judge only; or take the route out of its hands";
            return Err(Trouble::refused(&self.name(), &why, help));
        }
        let mut patch = vec![json!({
            "op": "test",
            "path": "/metadata/resourceVersion",
            "value": route.pointer("/metadata/resourceVersion"),
        })];
        for Rule { at: (rule, canary, control), .. } in self.rules(&route)? {
            for (at, weight) in [(canary, wanted.ppm), (control, WHOLE_PPM - wanted.ppm)] {
                let path = format!("/spec/rules/{rule}/backendRefs/{at}/weight");
                patch.push(json!({ "op": "add", "path": path, "value": weight }));
            }
        }
        let answer = self.send(Some(&Value::from(patch).to_string()))?;
        self.answered(&answer)?;
        let mut why = String::new();
        for _ in 0..LOOKS_MAX {
            match unaccepted(&self.route()?) {
                None => return Ok(()),
                Some(still) => why = still,
            }
            sleep(PAUSE);
        }
        Err(Trouble::away(&self.name(), why))
    }

    fn read(&mut self) -> Result<Told, Trouble> {
        let route = self.route()?;
        if let Some(why) = unaccepted(&route) {
            return Err(Trouble::away(&self.name(), why));
        }
        let mut shares = self.rules(&route)?.into_iter().map(|rule| {
            let all = rule.canary + rule.control;
            let ppm = (rule.canary * u64::from(WHOLE_PPM) + all / 2).checked_div(all);
            ppm.and_then(|ppm| u32::try_from(ppm).ok())
        });
        let first = shares.next().flatten();
        if shares.any(|share| share != first) {
            return Err(Trouble::unread(&self.name(), "its rules divide differently"));
        }
        Ok(Told { ppm: first, ..Told::default() })
    }
}

fn name(asked: &Asked) -> String {
    format!("route `{}/{}`", asked.namespace, asked.route)
}

/// The rules with both services. One with only one of them, or with a third, is not divided.
fn rules(route: &Value, asked: &Asked) -> Result<Vec<Rule>, String> {
    /// What the API reads where no weight is written, and the most that it takes.
    const PLAIN: u64 = 1;
    const WEIGHT_MAX: u64 = 1_000_000;
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let mut found = Vec::new();
    for (at, rule) in list(route.pointer("/spec/rules")).iter().enumerate() {
        let backends = list(rule.get("backendRefs"));
        let place = |name: &str| {
            let is_it = |it: &Value| it.get("name").and_then(Value::as_str) == Some(name);
            backends.iter().position(is_it)
        };
        let (Some(canary), Some(control)) = (place(&asked.canary), place(&asked.control)) else {
            continue;
        };
        if backends.len() != 2 {
            return Err(format!("its rule {} has {} backends, not two", at + 1, backends.len()));
        }
        let weight = |at: usize| {
            let weight = backends.get(at).and_then(|it| it.get("weight"));
            weight.and_then(Value::as_u64).unwrap_or(PLAIN).min(WEIGHT_MAX)
        };
        let (one, other) = (weight(canary), weight(control));
        found.push(Rule { at: (at, canary, control), canary: one, control: other });
    }
    if found.is_empty() {
        return Err("no rule of it has both services".to_owned());
    }
    Ok(found)
}

/// Who else sets its weights.
fn other(route: &Value) -> Option<String> {
    let list = |path: &str| route.pointer(path).and_then(Value::as_array).cloned();
    let text = |value: &Value, key: &str| value.get(key)?.as_str().map(str::to_owned);
    let owners = list("/metadata/ownerReferences").unwrap_or_default();
    let owner = owners.iter().find_map(|owner| {
        let kind = text(owner, "kind").filter(|kind| OWNERS.contains(&kind.as_str()))?;
        Some(format!("{kind} `{}`", text(owner, "name").unwrap_or_default()))
    });
    let managers = list("/metadata/managedFields").unwrap_or_default();
    let manager = || {
        let mut names = managers.iter().filter_map(|it| text(it, "manager"));
        let is_other = |name: &String| OTHERS.iter().any(|part| name.to_lowercase().contains(part));
        names.find(is_other).map(|name| format!("the manager `{name}`"))
    };
    owner.or_else(manager)
}

/// Why the weights are not to be believed yet: no controller has accepted this generation.
fn unaccepted(route: &Value) -> Option<String> {
    let generation = route.pointer("/metadata/generation").and_then(Value::as_u64).unwrap_or(0);
    let parents = route.pointer("/status/parents").and_then(Value::as_array);
    let Some(parents) = parents.filter(|parents| !parents.is_empty()) else {
        return Some("no gateway has taken it".to_owned());
    };
    for parent in parents {
        let conditions = parent.get("conditions").and_then(Value::as_array);
        for kind in ["Accepted", "ResolvedRefs"] {
            let is_kind = |it: &&Value| it.get("type").and_then(Value::as_str) == Some(kind);
            let found = conditions.and_then(|all| all.iter().find(is_kind));
            let is_true = found.and_then(|it| it.get("status")?.as_str()) == Some("True");
            let seen = found.and_then(|it| it.get("observedGeneration")?.as_u64());
            if !is_true || seen.is_some_and(|seen| seen < generation) {
                return Some(format!("its gateway does not say `{kind}` of it yet"));
            }
        }
    }
    None
}

fn is_name(name: &str) -> bool {
    let is_fine = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || b"-.".contains(&it);
    !name.is_empty() && name.len() <= NAME_CHARS_MAX && name.bytes().all(is_fine)
}

#[cfg(test)]
#[path = "gateway_tests.rs"]
mod tests;
