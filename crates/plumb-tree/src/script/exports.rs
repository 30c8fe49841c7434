//! What a script gives to others: under which name, and where it comes from.
//!
//! Refuses to know which file a module is, and to run anything.

use crate::script::names::{Import, named_children, plain_text, written};
use std::collections::BTreeMap;
use tree_sitter::Node;

/// What a file exports besides what it declares.
#[derive(Debug, Default)]
pub(crate) struct Exports<'t> {
    /// Under a name that is said apart from the declaration, or as `default`.
    pub(crate) here: BTreeMap<&'t str, Node<'t>>,
    /// Passed on from another module, name by name.
    pub(crate) passed: BTreeMap<&'t str, Import<'t>>,
    /// Modules whose names are all passed on.
    pub(crate) all: Vec<&'t str>,
    /// What `module.exports` is set to.
    pub(crate) common: Option<Node<'t>>,
}

impl<'t> Exports<'t> {
    /// Learns what one node of the tree says of exports.
    pub(crate) fn learn(&mut self, text: &'t str, node: Node<'t>) {
        let field = |name| node.child_by_field_name(name);
        match node.kind() {
            "export_statement" => self.learn_statement(text, node),
            "assignment_expression" => {
                let is_module = |left: &Node<'t>| written(text, *left) == "module.exports";
                if field("left").as_ref().is_some_and(is_module) {
                    self.common = field("right");
                }
            }
            _ => {}
        }
    }

    fn learn_statement(&mut self, text: &'t str, statement: Node<'t>) {
        let field = |name| statement.child_by_field_name(name);
        let module = field("source").and_then(|source| plain_text(text, source));
        if let Some(value) = field("value") {
            self.here.insert("default", value);
        }
        let part = |kind: &str| named_children(statement).find(|part| part.kind() == kind);
        let clause = part("export_clause");
        if clause.is_none() && part("namespace_export").is_none() {
            self.all.extend(module);
        }
        for specifier in clause.into_iter().flat_map(named_children) {
            let Some(name) = specifier.child_by_field_name("name") else { continue };
            let alias = specifier.child_by_field_name("alias").unwrap_or(name);
            let (alias, own) = (written(text, alias), written(text, name));
            match module {
                Some(module) => {
                    self.passed.insert(alias, Import { module, name: own });
                }
                None => {
                    self.here.insert(alias, name);
                }
            }
        }
    }
}
