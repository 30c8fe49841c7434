//! Pages of a large project: every view stays small, whatever lies behind it.

#[path = "large/project.rs"]
mod project;

use plumb_pages::address::{Links, VIEWS};
use plumb_pages::frame::{page, told};
use plumb_pages::shown::Asked;
use plumb_pages::view::show;
use plumb_pages::visitor::Visitor;
use project::{EmptyDesk, queries, survey};

/// Bytes of a page before it is compressed. Compressed it is a tenth of that.
const PAGE_BYTES_MAX: usize = 300_000;

/// The schema of every view's document.
const SCHEMA: &str = include_str!("../../../docs/formats/view-v1.schema.json");

#[test]
fn every_page_stays_small_and_says_how_much_there_is() {
    let survey = survey(2_000, 100_000);
    let schema = jsonschema::validator_for(&serde_json::from_str(SCHEMA).unwrap()).unwrap();
    for (view, name, _) in VIEWS {
        for query in queries(view) {
            let asked = Asked {
                survey: &survey,
                desk: &EmptyDesk,
                query: &query,
                links: Links::Server,
                visitor: Visitor::default(),
            };
            let shown = show(view, asked);
            let visitor = Visitor::default();
            let html = page(&shown, (&survey, survey.as_of_ms), visitor, told("/x.json", ""));
            assert!(html.len() < PAGE_BYTES_MAX, "{name} {query:?}: {} bytes", html.len());
            let document = shown.document(&survey);
            let wrong = schema.iter_errors(&document).next().map(|err| err.to_string());
            assert_eq!(wrong, None, "{name}.json");
            let document = document.to_string();
            assert!(document.len() < PAGE_BYTES_MAX, "{name}.json: {} bytes", document.len());
        }
    }
    let asked = Asked {
        survey: &survey,
        desk: &EmptyDesk,
        query: &queries(VIEWS[0].0)[0],
        links: Links::Server,
        visitor: Visitor::default(),
    };
    let map = show(plumb_pages::address::View::Map, asked).data;
    let (drawn, left_out) = (&map["components"], &map["components_left_out"]);
    assert!(drawn.as_array().unwrap().len() <= 60);
    assert_eq!(drawn.as_array().unwrap().len() as u64 + left_out.as_u64().unwrap(), 240);
}
