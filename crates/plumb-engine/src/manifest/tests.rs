//! Files of Compose and of Kubernetes, as people write them and as they break.

use super::*;
use crate::manifest::workload::{Runs, WORKLOADS_MAX, Workload};

#[track_caller]
fn only(text: &str) -> Workload {
    let manifest = read("a.yaml", text.as_bytes()).unwrap();
    assert_eq!(manifest.unread, [], "{text}");
    let [workload] = manifest.workloads.as_slice() else { panic!("{manifest:?}") };
    workload.clone()
}

/// What is unread, as `line: reason`.
#[track_caller]
fn check_unread(text: &str, expected: &[&str]) {
    let manifest = read("a.yaml", text.as_bytes()).unwrap();
    let told = manifest.unread.iter().map(|one| format!("{}: {}", one.line, one.reason));
    assert_eq!(told.collect::<Vec<_>>(), expected, "{text}");
    assert_eq!(manifest.workloads, []);
}

#[test]
fn a_service_of_compose() {
    let text = "services:\n  web:\n    image: shop/web:1.4\n    depends_on: [api, db]\n    \
                stop_grace_period: 1m30s\n    deploy: { update_config: { order: stop-first } }\n";
    let web = only(text);
    assert_eq!((web.name.as_str(), web.line), ("web", 2));
    assert_eq!(web.image.version.as_deref(), Some("1.4"));
    assert_eq!((web.grace_s, web.after.len()), (Some(90), 2));
    assert!(web.stops_first.is_some());
    let several = text.replace("deploy: { ", "deploy: { replicas: 3, ");
    assert_eq!(only(&several).stops_first, None);
    let keyed = "services:\n  web:\n    image: web:1\n    depends_on:\n      api:\n        \
                 condition: service_healthy\n";
    assert_eq!(only(keyed).after, ["api"]);
}

#[test]
fn services_that_tell_no_version() {
    check_unread(
        "include: [b.yaml]\nservices:\n  web:\n    build: .\n  api: {}\n  job:\n    \
         image: a:$TAG\n",
        &[
            "1: files that are included are not read; name them too",
            "3: `web` has no image, since it is built where it is started: no version",
            "5: `api` has no image, since it names none: no version",
            "7: the image of `job` is named by a variable without a default, `$TAG`",
        ],
    );
    let untold = only("services: { web: { image: web } }");
    assert_eq!(untold.image.version, None);
}

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop-api
  labels: { app.kubernetes.io/name: api, app.kubernetes.io/version: '9' }
spec:
  strategy: { type: Recreate }
  template:
    metadata: { labels: { app.kubernetes.io/component: worker } }
    spec:
      terminationGracePeriodSeconds: 45
      initContainers: [{ name: migrate, image: shop/migrate:1 }]
      containers:
        - { name: envoy, image: envoy:1 }
        - { name: shop-api, image: shop/api:1.4 }
";

#[test]
fn a_deployment_of_kubernetes() {
    let api = only(DEPLOYMENT);
    assert_eq!((api.name.as_str(), api.line), ("shop-api", 4));
    assert_eq!(api.aliases, ["api", "worker"]);
    assert_eq!(api.image.version.as_deref(), Some("1.4"));
    assert_eq!((api.grace_s, api.runs), (Some(45), Runs::Working));
    assert_eq!(
        (api.stops_first, api.beside.as_slice()),
        (Some("its strategy is Recreate"), &["envoy:1".to_owned()][..],)
    );
    let untagged = DEPLOYMENT.replace("shop/api:1.4", "shop/api");
    assert_eq!(only(&untagged).image.version.as_deref(), Some("9"));
}

#[test]
fn jobs_lists_and_several_documents() {
    let pod = "spec: { containers: [{ name: a, image: a:2 }] }";
    let cron = format!(
        "kind: CronJob\nmetadata: {{ name: nightly }}\nspec:\n  jobTemplate:\n    \
                        spec: {{ template: {{ {pod} }} }}\n"
    );
    assert_eq!(only(&cron).runs, Runs::NowAndThen);
    let job = format!(
        "kind: Job\nmetadata: {{ generateName: once- }}\nspec: {{ template: {{ {pod} }} }}\n"
    );
    assert_eq!(only(&job).name, "once");
    let list =
        format!("kind: List\nitems:\n  - kind: Pod\n    metadata: {{ name: a }}\n    {pod}\n");
    assert_eq!(only(&list).name, "a");
    let both =
        format!("{cron}---\nkind: Service\nmetadata: {{ name: nightly }}\n---\n{DEPLOYMENT}");
    assert_eq!(read("a.yaml", both.as_bytes()).unwrap().workloads.len(), 2);
    let other =
        format!("kind: Rollout\nmetadata: {{ name: r }}\nspec: {{ template: {{ {pod} }} }}\n");
    assert_eq!(only(&other).name, "r");
}

#[test]
fn objects_that_tell_no_workload() {
    check_unread(
        "kind: Deployment\nmetadata: { name: a }\n",
        &["1: the Deployment has no containers"],
    );
    check_unread("kind: ConfigMap\nmetadata: { name: a }\n", &[]);
    let pod = "kind: Pod\nspec: { containers: [{ image: a:1 }] }\n";
    check_unread(pod, &["1: the Pod has no name"]);
    check_unread("a: 1\n", &["1: neither services of Compose nor an object of Kubernetes"]);
    let empty = "kind: Pod\nmetadata: { name: a }\nspec:\n  containers: []\n";
    check_unread(empty, &["4: `a` has no containers"]);
}

#[test]
fn templates_that_were_not_rendered_are_told_with_their_line() {
    let kind = "kind: Pod\nmetadata: { name: a }\nspec:\n  containers:\n    - image: ";
    let told = ["5: the image of `a` is a template that was not rendered"];
    check_unread(&format!("{kind}{{{{ .Values.image }}}}\n"), &told);
    check_unread(&format!("{kind}\"a:{{{{ .Values.tag }}}}\"\n"), &told);
    let broken =
        read("a.yaml", b"kind: Pod\n{{- if .Values.on }}\nmetadata: { name: a }\n{{ end }}\n");
    let reason = broken.unwrap_err().reason;
    let told = "; line 2 holds a template (`{{`), which is not rendered here";
    assert!(reason.ends_with(told), "{reason}");
}

#[test]
fn what_is_huge_is_bounded() {
    let many: String =
        (0..WORKLOADS_MAX + 3).map(|at| format!("  s{at}: {{ image: 'a:1' }}\n")).collect();
    let manifest = read("a.yaml", format!("services:\n{many}").as_bytes()).unwrap();
    assert_eq!((manifest.workloads.len(), manifest.unread.len()), (WORKLOADS_MAX, 1));
    let unread: String = (0..500).map(|at| format!("  s{at}: {{}}\n")).collect();
    let manifest = read("a.yaml", format!("services:\n{unread}").as_bytes()).unwrap();
    assert_eq!(manifest.unread.len(), crate::manifest::workload::UNREAD_MAX);
    let deep = format!("{}kind: Pod", "[".repeat(5_000));
    assert!(read("a.yaml", deep.as_bytes()).is_err());
}
