//! The targets by name: one for each reader of foreign bytes.

use crate::{
    claims, contract, description, engine, fold, promise, rollout, schema, traffic, transition,
    tree,
};
use plumb_traffic::reading::Format;

/// A reader of foreign bytes and what must hold of it.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, and that of the folder with its seeds.
    pub name: &'static str,
    /// Panics when a promise is broken.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: [Target; 52] = [
    Target { name: "avro", run: schema::avro_data },
    Target { name: "bruno", run: |bytes| claims::claimed("requests/a.bru", bytes) },
    Target { name: "bundle", run: engine::bundle },
    Target { name: "config", run: engine::config },
    Target { name: "contract_asyncapi", run: |bytes| promise::compared("a.yaml", bytes) },
    Target { name: "contract_avro", run: contract::avro_versions },
    Target { name: "contract_graphql", run: contract::graphql_versions },
    Target { name: "contract_protobuf", run: contract::protobuf_versions },
    Target { name: "contract_sql", run: |bytes| promise::compared("a.sql", bytes) },
    Target { name: "debt", run: transition::debt },
    Target { name: "events", run: rollout::events },
    Target { name: "flags", run: rollout::flags },
    Target { name: "fold_json", run: fold::json },
    Target { name: "gor", run: |bytes| traffic::observed(Format::Gor, bytes) },
    Target { name: "graphql_call", run: traffic::named },
    // A document that is its own schema.
    Target { name: "graphql_claims", run: |bytes| claims::claimed("schema.graphql", bytes) },
    Target { name: "gripmock", run: |bytes| claims::claimed("stubs/a.yaml", bytes) },
    Target { name: "grpc_call", run: schema::grpc_call },
    Target { name: "har", run: |bytes| traffic::observed(Format::Har, bytes) },
    Target { name: "har_claims", run: |bytes| claims::claimed("recorded.har", bytes) },
    Target { name: "haproxy", run: rollout::haproxy },
    Target { name: "hoverfly", run: |bytes| claims::claimed("simulation.json", bytes) },
    Target { name: "insomnia", run: |bytes| claims::claimed("insomnia.yaml", bytes) },
    Target { name: "keploy", run: |bytes| claims::claimed("tests/a.yaml", bytes) },
    Target { name: "kombu", run: |bytes| traffic::observed(Format::Kombu, bytes) },
    Target { name: "kombu_claims", run: |bytes| claims::claimed("recorded.ndjson", bytes) },
    Target { name: "manifest", run: engine::manifest },
    Target { name: "mountebank", run: |bytes| claims::claimed("imposters.json", bytes) },
    Target { name: "msw", run: |bytes| claims::claimed("src/handlers.ts", bytes) },
    Target { name: "ndjson", run: |bytes| traffic::observed(Format::Ndjson, bytes) },
    Target { name: "nock", run: |bytes| claims::claimed("test/a.test.js", bytes) },
    Target { name: "nock_recorded", run: |bytes| claims::claimed("fixtures/a.json", bytes) },
    Target { name: "openapi", run: |bytes| claims::claimed("openapi.yaml", bytes) },
    Target { name: "openapi_compat", run: description::descriptions },
    Target { name: "otlp_call", run: traffic::called },
    Target { name: "otlp_json", run: |bytes| traffic::observed(Format::Otlp, bytes) },
    Target { name: "otlp_proto", run: traffic::exported },
    Target { name: "pact", run: |bytes| claims::claimed("pacts/a.json", bytes) },
    Target { name: "parquet", run: rollout::parquet },
    Target { name: "recorded", run: rollout::recorded },
    Target { name: "polly", run: |bytes| claims::claimed("recording.har", bytes) },
    Target { name: "postman", run: |bytes| claims::claimed("shop.postman_collection.json", bytes) },
    Target { name: "profile_decode", run: engine::profiles },
    Target { name: "protobuf", run: schema::protobuf_message },
    Target { name: "rollout", run: rollout::rollout },
    Target { name: "schema_compat", run: description::schemas },
    Target { name: "transition", run: transition::transition },
    Target { name: "tree_json", run: tree::json },
    Target { name: "tree_yaml", run: tree::yaml },
    Target { name: "vcr", run: |bytes| claims::claimed("cassettes/a.yml", bytes) },
    Target { name: "vcrpy", run: |bytes| claims::claimed("cassettes/a.yaml", bytes) },
    Target { name: "wiremock", run: |bytes| claims::claimed("mappings/a.json", bytes) },
];

/// The target of that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
