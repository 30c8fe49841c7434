//! The objects of Kubernetes: kinds that there are, labels, pods that may do little, commands that
//! plumb takes, and names that lead somewhere.

use super::{files, taken};
use plumb_tree::yaml::parse_yaml;
use plumb_tree::{Key, Node};
use std::collections::BTreeSet;

/// Kinds, with the version that has them.
const KINDS: [(&str, &str); 5] = [
    ("ServiceAccount", "v1"),
    ("PersistentVolumeClaim", "v1"),
    ("Service", "v1"),
    ("Deployment", "apps/v1"),
    ("NetworkPolicy", "networking.k8s.io/v1"),
];

/// The labels that every object carries.
const LABELS: [&str; 6] = ["name", "instance", "version", "component", "part-of", "managed-by"];

const PREFIX: &str = "app.kubernetes.io/";

/// The image whose commands are plumb's.
const IMAGE: &str = "plumb:0.1.0";

fn objects() -> Vec<(String, Node)> {
    let mut objects = Vec::new();
    for (name, text) in files("kubernetes", "yaml") {
        let parsed = parse_yaml(text.as_bytes()).unwrap_or_else(|err| panic!("{name}: {err}"));
        objects.extend(parsed.documents.into_iter().map(|object| (name.clone(), object)));
    }
    objects
}

#[track_caller]
fn text<'a>(node: &'a Node, path: &[&str]) -> &'a str {
    let found = node.path(path).and_then(|found| found.as_str());
    found.unwrap_or_else(|| panic!("no {} at line {}", path.join("."), node.line))
}

fn pairs(node: &Node) -> BTreeSet<(String, String)> {
    let pair = |(key, value): &(Key, Node)| (key.text.clone(), value.as_str().unwrap().to_owned());
    node.entries().iter().map(pair).collect()
}

fn pods() -> Vec<(String, Node)> {
    let objects = objects().into_iter().filter(|(_, it)| text(it, &["kind"]) == "Deployment");
    objects.collect()
}

fn containers(deployment: &Node) -> Vec<&Node> {
    let spec = deployment.path(&["spec", "template", "spec"]).unwrap();
    let of = |key| spec.get(key).map(|list| list.items()).unwrap_or_default();
    of("initContainers").iter().chain(of("containers")).collect()
}

#[test]
fn every_object_is_of_a_kind_and_labelled() {
    for (name, object) in objects() {
        let kind = text(&object, &["kind"]);
        let version = KINDS.iter().find(|(known, _)| *known == kind);
        let (_, version) = version.unwrap_or_else(|| panic!("{name}: {kind}"));
        assert_eq!(text(&object, &["apiVersion"]), *version, "{name}: {kind}");
        text(&object, &["metadata", "name"]);
        for label in LABELS {
            text(&object, &["metadata", "labels", &format!("{PREFIX}{label}")]);
        }
        assert!(kind == "ServiceAccount" || object.get("spec").is_some(), "{name}: {kind}");
    }
}

#[test]
fn containers_run_what_plumb_takes() {
    let mut commands = 0;
    for (name, deployment) in pods() {
        for container in containers(&deployment) {
            let args = container.get("args").filter(|_| text(container, &["image"]) == IMAGE);
            let Some(args) = args else { continue };
            let word = |node: &Node| node.as_str().unwrap().to_owned();
            let command: Vec<String> =
                ["plumb".to_owned()].into_iter().chain(args.items().iter().map(word)).collect();
            taken(&command);
            commands += 1;
            let port = container.get("ports").unwrap().items()[0].get("containerPort");
            let port = port.unwrap().as_u16().unwrap();
            let listens = format!("--listen=0.0.0.0:{port}");
            assert!(command.contains(&listens), "{name}: {listens} is not in {command:?}");
        }
    }
    assert_eq!(commands, 3);
}

#[test]
fn pods_may_do_little() {
    for (name, deployment) in pods() {
        let spec = deployment.path(&["spec", "template", "spec"]).unwrap();
        let is = |node: &Node, path: &[&str], wanted: bool| {
            let found = node.path(path).and_then(|it| it.as_bool());
            assert_eq!(found, Some(wanted), "{name}: {} at line {}", path.join("."), node.line);
        };
        is(spec, &["automountServiceAccountToken"], false);
        is(spec, &["securityContext", "runAsNonRoot"], true);
        assert_eq!(text(spec, &["securityContext", "seccompProfile", "type"]), "RuntimeDefault");
        for container in containers(&deployment) {
            is(container, &["securityContext", "allowPrivilegeEscalation"], false);
            is(container, &["securityContext", "readOnlyRootFilesystem"], true);
            let dropped = container.path(&["securityContext", "capabilities", "drop"]).unwrap();
            assert_eq!(dropped.items()[0].as_str(), Some("ALL"), "{name}");
            text(container, &["resources", "limits", "memory"]);
            let tag = text(container, &["image"]).split_once(':').map(|(_, tag)| tag);
            assert!(tag.is_some_and(|tag| tag != "latest"), "{name}");
        }
    }
}

#[test]
fn names_lead_somewhere() {
    for (name, deployment) in pods() {
        let spec = deployment.path(&["spec", "template", "spec"]).unwrap();
        let named = |list: Option<&Node>| -> BTreeSet<String> {
            let items = list.map(|list| list.items()).unwrap_or_default();
            items.iter().map(|item| text(item, &["name"]).to_owned()).collect()
        };
        let volumes = named(spec.get("volumes"));
        for container in containers(&deployment) {
            let mounts = named(container.get("volumeMounts"));
            assert!(mounts.is_subset(&volumes), "{name}: {mounts:?} of {volumes:?}");
            let ports = named(container.get("ports"));
            for probe in ["livenessProbe", "readinessProbe"] {
                let probe = container.get(probe);
                let asks = probe.and_then(|probe| match probe.get("httpGet") {
                    Some(page) => {
                        assert!(text(page, &["path"]).starts_with("/health/"), "{name}");
                        page.get("port")
                    }
                    None => probe.path(&["tcpSocket", "port"]),
                });
                let asks = asks.and_then(|port| port.as_str());
                assert!(asks.is_none_or(|port| ports.contains(port)), "{name}: {asks:?}");
            }
        }
        let labels = pairs(deployment.path(&["spec", "template", "metadata", "labels"]).unwrap());
        let chosen = pairs(deployment.path(&["spec", "selector", "matchLabels"]).unwrap());
        assert!(chosen.is_subset(&labels), "{name}");
        let services = objects().into_iter().filter(|(file, _)| *file == name);
        for (_, service) in services.filter(|(_, it)| text(it, &["kind"]) == "Service") {
            let chosen = pairs(service.path(&["spec", "selector"]).unwrap());
            assert!(chosen.is_subset(&labels), "{name}");
            let ports: BTreeSet<String> =
                containers(&deployment).iter().flat_map(|it| named(it.get("ports"))).collect();
            for port in service.path(&["spec", "ports"]).unwrap().items() {
                assert!(ports.contains(text(port, &["targetPort"])), "{name}");
            }
        }
    }
}
