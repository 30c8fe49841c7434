//! Names of a script: what each is bound to, where that can be told without running anything.
//!
//! A name has a value when it is given one in a single place of the whole file and declared in a
//! single place: then it means the same wherever it stands, whatever the scopes are. Refuses to
//! know what values and modules are.

use std::collections::BTreeMap;
use tree_sitter::Node;

/// The names of a file.
#[derive(Debug, Default)]
pub(crate) struct Names<'t> {
    by_name: BTreeMap<&'t str, Name<'t>>,
}

/// One name.
#[derive(Debug, Default)]
struct Name<'t> {
    declared: usize,
    given: usize,
    value: Option<Node<'t>>,
    import: Option<Import<'t>>,
}

/// Where an imported name comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Import<'t> {
    /// The module as it is written.
    pub module: &'t str,
    /// What it is called there: `default`, or `*` for the module itself.
    pub name: &'t str,
}

impl<'t> Names<'t> {
    /// The one value that a name is given.
    pub(crate) fn value(&self, name: &str) -> Option<Node<'t>> {
        let found = self.by_name.get(name)?;
        let is_sure = found.declared == 1 && found.given == 1 && found.import.is_none();
        found.value.filter(|_| is_sure)
    }

    /// Where a name is imported from, unless something else in the file is called alike.
    pub(crate) fn import(&self, name: &str) -> Option<Import<'t>> {
        let found = self.by_name.get(name)?;
        found.import.filter(|_| found.declared == 1)
    }

    /// The modules that names are imported from, each as often as there are names.
    pub(crate) fn modules(&self) -> impl Iterator<Item = &'t str> {
        self.by_name.values().filter_map(|name| Some(name.import?.module))
    }

    /// True when what is imported is called so where it comes from.
    pub(crate) fn has_import(&self, name: &str) -> bool {
        let mut imports = self.by_name.values().filter_map(|name| name.import);
        imports.any(|import| import.name == name)
    }

    /// Learns what one node of the tree says of names.
    pub(crate) fn learn(&mut self, text: &'t str, node: Node<'t>) {
        let field = |name| node.child_by_field_name(name);
        match node.kind() {
            "variable_declarator" => self.learn_variable(text, node),
            "assignment_expression" | "augmented_assignment_expression" | "update_expression" => {
                let target = field("left").or_else(|| field("argument"));
                let value = field("right").filter(|_| node.kind() == "assignment_expression");
                if let Some(target) = target {
                    self.give(text, target, value);
                }
            }
            "function_declaration" => {
                if let Some(name) = field("name") {
                    let name = self.name(text, name);
                    name.declared += 1;
                    name.given += 1;
                    name.value = Some(node);
                }
            }
            "class_declaration" | "generator_function_declaration" | "enum_declaration" => {
                field("name").into_iter().for_each(|name| self.declare(text, name));
            }
            "required_parameter" | "optional_parameter" => {
                field("pattern").into_iter().for_each(|pattern| self.declare(text, pattern));
            }
            "arrow_function" | "catch_clause" => {
                field("parameter").into_iter().for_each(|pattern| self.declare(text, pattern));
            }
            "for_in_statement" => {
                field("left").into_iter().for_each(|pattern| self.declare(text, pattern));
            }
            "import_statement" => self.learn_imports(text, node),
            _ => {}
        }
    }

    fn name(&mut self, text: &'t str, node: Node<'t>) -> &mut Name<'t> {
        self.by_name.entry(written(text, node)).or_default()
    }

    /// Declares every name of a pattern; its defaults count as well, which makes fewer names sure.
    fn declare(&mut self, text: &'t str, pattern: Node<'t>) {
        for node in names_in(pattern) {
            self.name(text, node).declared += 1;
        }
    }

    fn learn_variable(&mut self, text: &'t str, node: Node<'t>) {
        let Some(pattern) = node.child_by_field_name("name") else { return };
        let value = node.child_by_field_name("value");
        self.declare(text, pattern);
        if let Some(module) = value.and_then(|value| required(text, value)) {
            return self.learn_require(text, pattern, module);
        }
        if pattern.kind() == "identifier"
            && let Some(value) = value
        {
            self.give(text, pattern, Some(value));
        }
    }

    /// Gives a name a value; what is changed inside a value makes its name unsure, too.
    fn give(&mut self, text: &'t str, target: Node<'t>, value: Option<Node<'t>>) {
        if target.kind() == "identifier" {
            let name = self.name(text, target);
            name.given += 1;
            name.value = value;
            return;
        }
        for node in names_in(target) {
            self.name(text, node).given += 1;
        }
    }

    /// `const nock = require('nock')`, `const { http: web } = require('msw')`.
    fn learn_require(&mut self, text: &'t str, pattern: Node<'t>, module: &'t str) {
        if pattern.kind() == "identifier" {
            self.name(text, pattern).import = Some(Import { module, name: "*" });
            return;
        }
        for member in named_children(pattern) {
            let field = |name| member.child_by_field_name(name);
            let (name, local) = match member.kind() {
                "shorthand_property_identifier_pattern" => (member, member),
                "pair_pattern" => match field("key").zip(field("value")) {
                    Some((key, local)) if local.kind() == "identifier" => (key, local),
                    _ => continue,
                },
                _ => continue,
            };
            let name = written(text, name);
            self.name(text, local).import = Some(Import { module, name });
        }
    }

    fn learn_imports(&mut self, text: &'t str, statement: Node<'t>) {
        let source = |node: Node<'t>| plain_text(text, node.child_by_field_name("source")?);
        for clause in named_children(statement) {
            if clause.kind() == "import_require_clause" {
                let local = named_children(clause).next().filter(|it| it.kind() == "identifier");
                if let Some((local, module)) = local.zip(source(clause)) {
                    self.import_as(text, local, Import { module, name: "*" });
                }
            }
            let Some(module) = source(statement) else { continue };
            for part in named_children(clause) {
                match part.kind() {
                    "identifier" if clause.kind() == "import_clause" => {
                        self.import_as(text, part, Import { module, name: "default" });
                    }
                    "namespace_import" => named_children(part).for_each(|local| {
                        self.import_as(text, local, Import { module, name: "*" });
                    }),
                    "named_imports" => named_children(part).for_each(|specifier| {
                        let field = |name| specifier.child_by_field_name(name);
                        let Some(name) = field("name") else { return };
                        let local = field("alias").unwrap_or(name);
                        let name = written(text, name);
                        self.import_as(text, local, Import { module, name });
                    }),
                    _ => {}
                }
            }
        }
    }

    fn import_as(&mut self, text: &'t str, local: Node<'t>, import: Import<'t>) {
        let name = self.name(text, local);
        name.declared += 1;
        name.import = Some(import);
    }
}

/// The text of a node as it stands in the file.
pub(crate) fn written<'t>(text: &'t str, node: Node<'_>) -> &'t str {
    text.get(node.byte_range()).unwrap_or_default()
}

/// The children of a node that are no punctuation and no comments.
pub(crate) fn named_children(node: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let mut cursor = node.walk();
    let mut more = cursor.goto_first_child();
    std::iter::from_fn(move || {
        while more {
            let child = cursor.node();
            more = cursor.goto_next_sibling();
            if child.is_named() && child.kind() != "comment" {
                return Some(child);
            }
        }
        None
    })
}

/// Every name below a pattern.
fn names_in(pattern: Node<'_>) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    let mut open = vec![pattern];
    while let Some(node) = open.pop() {
        match node.kind() {
            "identifier" | "shorthand_property_identifier_pattern" => found.push(node),
            _ => open.extend(named_children(node)),
        }
    }
    found
}

/// The module of `require('module')`.
fn required<'t>(text: &'t str, value: Node<'t>) -> Option<&'t str> {
    let function = value.child_by_field_name("function")?;
    let arguments = value.child_by_field_name("arguments")?;
    let is_require = value.kind() == "call_expression" && written(text, function) == "require";
    plain_text(text, named_children(arguments).next().filter(|_| is_require)?)
}

/// The inside of a string without escapes.
pub(crate) fn plain_text<'t>(text: &'t str, string: Node<'t>) -> Option<&'t str> {
    let mut inside = named_children(string).filter(|_| string.kind() == "string");
    let fragment = inside.next().filter(|it| it.kind() == "string_fragment")?;
    inside.next().is_none().then(|| written(text, fragment))
}

/// Kinds of nodes that only say something about the expression inside them.
pub(crate) fn is_wrapper(kind: &str) -> bool {
    let wrappers = [
        "parenthesized_expression",
        "await_expression",
        "as_expression",
        "satisfies_expression",
        "non_null_expression",
        "type_assertion",
    ];
    wrappers.contains(&kind)
}
