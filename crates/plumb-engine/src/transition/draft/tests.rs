//! A draft is a file that is read, whatever the names in it; and it says what was known.

use super::*;
use crate::manifest;
use crate::manifest::workload::Workload;
use crate::transition::file;
use crate::transition::known::Known;
use plumb_gap::evidence::Evidence;
use plumb_gap::policy::Policy;
use plumb_gap::release::Release;
use plumb_shape::literal::LiteralKey;
use plumb_shape::operation::Operation;
use plumb_shape::profile::Profile;
use proptest::collection::vec;
use proptest::prelude::*;

const POLICY: Policy = Policy { now_ms: 1_000_000_000_000, max_age_ms: 1, samples_min: 1 };

fn seen(writer: &str, reader: &str, operation: (&str, &str), version: &str) -> Evidence {
    Evidence {
        writer: writer.to_owned(),
        reader: reader.to_owned(),
        operation: Operation::of_request(operation.0, operation.1),
        version: version.to_owned(),
        profile: Profile::default(),
        last_ms: 0,
    }
}

/// Drafts, and reads what was drafted.
fn drafted(
    (evidence, releases): (&[Evidence], &[Release]),
    [from, to]: [Option<&[Workload]>; 2],
) -> Draft {
    let key = LiteralKey::new([0; 32]);
    let (sightings, backlogs, policy) = (&[], &[], &POLICY);
    let known = Known { evidence, sightings, backlogs, releases, policy, key: &key };
    let draft = draft(&Asked { known: &known, from, to, unread: &[] }).unwrap();
    let read = file::read("a.toml", &draft.text, &known);
    let read = read.unwrap_or_else(|err| panic!("{err}\n{}", draft.text));
    assert_eq!((read.components.len(), read.seams.len()), (draft.components, draft.seams));
    draft
}

fn workloads(text: &str) -> Vec<Workload> {
    let manifest = manifest::read("a.yaml", text.as_bytes()).unwrap();
    assert_eq!(manifest.unread, []);
    manifest.workloads
}

#[track_caller]
fn check_lines(draft: &Draft, lines: &[&str]) {
    for line in lines {
        assert!(draft.text.lines().any(|one| one == *line), "no `{line}` in\n{}", draft.text);
    }
}

#[test]
fn evidence_gives_components_seams_and_versions() {
    let evidence = [
        seen("api", "web", ("GET", "/orders"), "3"),
        seen("api", "web", ("PUT", "/orders"), "3"),
        seen("api", "worker", ("MESSAGE", "/orders.created"), "3"),
        seen("api", "", ("GET", "/health"), "3"),
    ];
    let draft = drafted((&evidence, &[]), [None, None]);
    assert_eq!((draft.components, draft.moving, draft.seams), (3, 0, 2));
    check_lines(
        &draft,
        &[
            "# - api GET /health",
            "versions = [\"3\"]",
            "versions = [\"now\"]",
            "# last seen on 1970-01-01: GET /orders, PUT /orders",
            "kind = \"worker\"  # it was seen to take messages and to answer no calls",
            "name = \"orders.created\"",
        ],
    );
}

#[test]
fn a_destination_that_two_take_is_two_seams_with_two_names() {
    let to = |reader| seen("api", reader, ("MESSAGE", "/orders"), "3");
    let draft = drafted((&[to("billing"), to("search")], &[]), [None, None]);
    let names = ["name = \"orders from api to billing\"", "name = \"orders from api to search\""];
    check_lines(&draft, &names);
}

#[test]
fn the_last_release_runs_and_older_ones_that_answer_are_told() {
    let released = |version: &str, at_ms| Release {
        at_ms,
        component: "api".to_owned(),
        version: version.to_owned(),
        environment: String::new(),
    };
    let releases = [released("2", -10), released("3", -5)];
    let evidence = [seen("api", "web", ("GET", "/"), "2"), seen("api", "web", ("GET", "/"), "3")];
    let draft = drafted(
        (&evidence, &releases),
        [None, Some(&workloads("services: { api: { image: 'shop/api:4' } }"))],
    );
    check_lines(
        &draft,
        &[
            "# 3 was released on 1969-12-31",
            "# 2 still answered after that",
            "# api 4 (a.yaml:1)",
            "versions = [\"3\", \"4\"]",
        ],
    );
}

#[test]
fn both_sides_give_old_and_new() {
    let from = workloads(
        "services: { api: { image: 'a:1' }, old: { image: 'o:1' }, db: { image: 'postgres:15' } }",
    );
    let to = workloads(
        "services: { api: { image: 'a:2' }, new: { image: 'n:1' }, db: { image: 'postgres:16' } }",
    );
    let draft = drafted((&[], &[]), [Some(&from), Some(&to)]);
    assert_eq!((draft.components, draft.moving), (3, 1));
    check_lines(
        &draft,
        &[
            "versions = [\"1\", \"2\"]",
            "# it is new: nothing of it runs before",
            "# no manifest has it among what is wanted; its end is not planned",
            "# - `db` is postgres 15 (a.yaml:1), then postgres 16 (a.yaml:1): a database: \
             others meet its tables; add them by hand as a component with kind = \"schema\"",
        ],
    );
}

#[test]
fn a_workload_is_found_under_the_name_that_was_seen() {
    let pod = "spec: { template: { spec: { containers: [{ image: 'a:2' }] } } }";
    let labelled = |name: &str| {
        format!(
            "kind: Deployment\nmetadata: {{ name: {name}, labels: \
             {{ app.kubernetes.io/name: api }} }}\n{pod}\n"
        )
    };
    let evidence = [seen("api", "web", ("GET", "/"), "1")];
    let one = drafted((&evidence, &[]), [None, Some(&workloads(&labelled("shop-api")))]);
    check_lines(&one, &["[component.api]", "versions = [\"1\", \"2\"]"]);
    // Two of one name are told apart by what the platform calls them.
    let two = format!("{}---\n{}", labelled("shop-api"), labelled("shop-batch"));
    let two = drafted((&evidence, &[]), [None, Some(&workloads(&two))]);
    check_lines(&two, &["[component.api]", "[component.shop-api]", "[component.shop-batch]"]);
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-c]", "\\PC{0,8}", any::<String>(), Just("a\n[x]\r\u{1b}\u{7f}'\"\\".to_owned())]
}

fn some_evidence() -> impl Strategy<Value = Vec<Evidence>> {
    let method = prop_oneof![Just("GET"), Just("MESSAGE")];
    let one = (name(), name(), method, name(), name());
    let one = one.prop_map(|(writer, reader, method, path, version)| {
        seen(&writer, &reader, (method, &path), &version)
    });
    vec(one, 0..6)
}

fn some_workloads() -> impl Strategy<Value = Vec<Workload>> {
    let image = "(a|postgres):[a-z0-9.]{1,4}";
    let one = (name(), name(), image, 0_u64..3).prop_map(|(called, other, image, grace)| {
        let mut one = workloads(&format!("services: {{ a: {{ image: '{image}' }} }}")).remove(0);
        one.name = if called.is_empty() { "x".to_owned() } else { called };
        one.aliases = vec![other.clone()];
        one.after = vec![other.clone()];
        one.file = other;
        one.grace_s = Some(grace);
        one
    });
    vec(one, 0..6)
}

proptest! {
    #[test]
    fn whatever_the_names_a_draft_is_read(
        evidence in some_evidence(),
        from in proptest::option::of(some_workloads()),
        to in proptest::option::of(some_workloads()),
    ) {
        drafted((&evidence, &[]), [from.as_deref(), to.as_deref()]);
    }
}
