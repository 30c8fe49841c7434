//! Routes beside an API that keeps one, as Kubernetes does: patches are tested, versions rise, a
//! controller accepts.
//!
//! Refuses to know more of Kubernetes than that.

use super::*;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

type Kept = Arc<Mutex<Value>>;

fn route() -> Value {
    let conditions = json!([
        { "type": "Accepted", "status": "True", "observedGeneration": 1 },
        { "type": "ResolvedRefs", "status": "True", "observedGeneration": 1 },
    ]);
    json!({
        "metadata": { "name": "shop", "resourceVersion": "7", "generation": 1 },
        "spec": { "rules": [
            { "backendRefs": [{ "name": "old", "port": 80 }, { "name": "new", "weight": 0 }] },
            { "backendRefs": [{ "name": "images" }] },
        ] },
        "status": { "parents": [{ "conditions": conditions }] },
    })
}

/// An API with one route; a controller that accepts at once, unless it is told not to.
fn api(kept: &Kept, accepts: bool) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let kept = Arc::clone(kept);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            serve(stream, &kept, accepts);
        }
    });
    address
}

fn serve(mut stream: TcpStream, kept: &Kept, accepts: bool) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(text) = line.to_lowercase().strip_prefix("content-length:") {
            length = text.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let is_known = head.contains("/namespaces/web/httproutes/shop");
    let is_shown = head.to_lowercase().contains("authorization: bearer secret");
    let mut route = kept.lock().unwrap();
    let status = match (is_known, is_shown, head.starts_with("PATCH")) {
        (false, ..) => 404,
        (_, false, _) => 401,
        (.., true) => {
            assert!(head.contains("fieldManager=plumb"), "{head}");
            patch(&mut route, &body, accepts)
        }
        (.., false) => 200,
    };
    let text = if status == 200 { route.to_string() } else { "{\"message\":\"no\"}".to_owned() };
    let length = text.len();
    let head = format!("HTTP/1.1 {status} x\r\ncontent-length: {length}\r\nconnection: close\r\n");
    stream.write_all(format!("{head}\r\n{text}").as_bytes()).unwrap();
}

fn patch(route: &mut Value, body: &[u8], accepts: bool) -> u16 {
    let patch: Value = serde_json::from_slice(body).unwrap();
    for step in patch.as_array().unwrap() {
        let path = step["path"].as_str().unwrap();
        if step["op"] == "test" {
            if route.pointer(path) != Some(&step["value"]) {
                return 422;
            }
            continue;
        }
        let (parent, key) = path.rsplit_once('/').unwrap();
        route.pointer_mut(parent).unwrap()[key] = step["value"].clone();
    }
    route["metadata"]["resourceVersion"] = "8".into();
    route["metadata"]["generation"] = 2.into();
    if accepts {
        for condition in route["status"]["parents"][0]["conditions"].as_array_mut().unwrap() {
            condition["observedGeneration"] = 2.into();
        }
    }
    200
}

fn gateway(kept: &Kept, accepts: bool, token: &str) -> Gateway {
    let address = api(kept, accepts);
    let folder = tempfile::tempdir().unwrap();
    let kubeconfig = folder.path().join("config");
    let text = format!(
        "current-context: a\ncontexts:\n- name: a\n  context: {{cluster: a, user: a}}\n\
         clusters:\n- name: a\n  cluster: {{server: 'http://{address}'}}\n\
         users:\n- name: a\n  user: {{token: {token}}}\n"
    );
    std::fs::write(&kubeconfig, text).unwrap();
    let text = str::to_owned;
    let asked = Asked {
        kubeconfig: Some(kubeconfig),
        namespace: text("web"),
        route: text("shop"),
        canary: text("new"),
        control: text("old"),
    };
    Gateway::new(asked, &|_| None).unwrap()
}

fn wanted(ppm: u32) -> Wanted {
    Wanted { ppm, cohorts: Vec::new() }
}

#[test]
fn weights_are_set_where_both_stand_and_read_back() {
    let kept = Arc::new(Mutex::new(route()));
    let mut gateway = gateway(&kept, true, "secret");
    assert_eq!(gateway.read().unwrap().ppm, Some(0));
    gateway.set(&wanted(50_000)).unwrap();
    assert_eq!(gateway.read().unwrap().ppm, Some(50_000));
    let route = kept.lock().unwrap();
    let backends = &route["spec"]["rules"][0]["backendRefs"];
    assert_eq!(backends[0], json!({ "name": "old", "port": 80, "weight": 950_000 }));
    assert_eq!(backends[1], json!({ "name": "new", "weight": 50_000 }));
    assert_eq!(route["spec"]["rules"][1], json!({ "backendRefs": [{ "name": "images" }] }));
}

#[test]
fn what_belongs_to_others_is_left_alone() {
    for (path, value, whose) in [
        ("ownerReferences", json!([{ "kind": "Canary", "name": "shop" }]), "Canary `shop`"),
        ("managedFields", json!([{ "manager": "Flagger" }]), "the manager `Flagger`"),
    ] {
        let mut route = route();
        route["metadata"][path] = value;
        let kept = Arc::new(Mutex::new(route.clone()));
        let refused = gateway(&kept, true, "secret").set(&wanted(1)).unwrap_err();
        assert!(refused.is_lasting() && refused.to_string().ends_with(whose), "{refused}");
        assert_eq!(*kept.lock().unwrap(), route);
    }
}

#[test]
fn a_weight_is_not_believed_before_a_gateway_accepts_it() {
    let mut route = route();
    route["metadata"]["generation"] = 2.into();
    let kept = Arc::new(Mutex::new(route));
    let unread = gateway(&kept, false, "secret").read().unwrap_err();
    assert!(!unread.is_lasting() && unread.to_string().contains("`Accepted`"), "{unread}");
}

#[test]
fn refusals_are_told() {
    let kept = Arc::new(Mutex::new(route()));
    let refused = gateway(&kept, true, "wrong").read().unwrap_err();
    assert!(refused.is_lasting() && refused.to_string().contains("401"), "{refused}");
    let mut third = route();
    third["spec"]["rules"][0]["backendRefs"].as_array_mut().unwrap().push(json!({ "name": "x" }));
    let refused = gateway(&Arc::new(Mutex::new(third)), true, "secret").set(&wanted(1));
    assert!(refused.unwrap_err().to_string().contains("backends, not two"));
}
