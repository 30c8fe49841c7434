//! The collector's configuration: pipelines of parts that are there, and the very exporter that
//! `plumb doctor collector` writes.

use super::files;
use crate::commands::doctor::collector_text;
use plumb_tree::Node;
use plumb_tree::yaml::parse_yaml;

fn parsed(text: &str) -> Node {
    let mut documents = parse_yaml(text.as_bytes()).unwrap().documents;
    assert_eq!(documents.len(), 1);
    documents.remove(0)
}

#[test]
fn pipelines_are_made_of_what_is_there() {
    for (name, text) in files("collector", "yaml") {
        let file = parsed(&text);
        let pipelines = file.path(&["service", "pipelines"]).unwrap();
        for (pipeline, parts) in pipelines.entries() {
            for kind in ["receivers", "processors", "exporters"] {
                for part in parts.get(kind).unwrap().items() {
                    let part = part.as_str().unwrap();
                    let is_there = file.path(&[kind, part]).is_some();
                    assert!(is_there, "{name}: {} uses {part} of {kind}", pipeline.text);
                }
            }
        }
    }
}

#[test]
fn the_exporter_is_the_one_that_the_doctor_writes() {
    let (_, text) = files("collector", "yaml").remove(0);
    let exporter = |text: &str| {
        let file = parsed(text);
        file.path(&["exporters", "otlp/plumb"]).unwrap().to_json_text()
    };
    assert_eq!(exporter(&text), exporter(&collector_text("127.0.0.1:4317".parse().unwrap(), None)));
}

#[test]
fn what_the_doctor_writes_is_well_formed() {
    let token = std::path::Path::new("/etc/plumb \"x\".token");
    let text = collector_text("10.0.0.7:4317".parse().unwrap(), Some(token));
    let file = parsed(&text);
    let name = file.path(&["extensions", "bearertokenauth/plumb", "filename"]).unwrap();
    assert_eq!(name.as_str(), token.to_str());
    assert!(file.path(&["exporters", "otlp/plumb", "tls", "insecure"]).is_none());
}
