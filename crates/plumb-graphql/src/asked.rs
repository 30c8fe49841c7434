//! What an operation asks for: the members of its answer, and what they hold as far as a schema
//! tells.
//!
//! An answer has just the fields that are selected, so an operation is what a client reads, word by
//! word. Fields behind a condition may be left out; fragments that stand in another file leave open
//! what else there is. Refuses to know values, arguments, and how an answer travels.

use crate::fault::fault;
use crate::schema::{Held, HeldOf, Kind, Schema};
use crate::split::{Chunk, split};
use crate::tokens::depth_of;
use graphql_parser::query as ast;
use std::collections::{BTreeMap, BTreeSet};

/// Brackets one in another at most, and selections through fragments: documents are written by
/// people, and the parser goes as deep as they do.
const DEPTH_MAX: usize = 64;

/// Selections of one operation at most, those of fragments counted each time.
const SELECTIONS_MAX: usize = 20_000;

/// The operations of a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Those with a name.
    pub asked: Vec<Asked>,
    /// What was not read: where, and why, in lower case.
    pub unread: Vec<((u32, u32), String)>,
}

/// An operation with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// `query`, `mutation` or `subscription`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// The line and column at which it begins, both from 1.
    pub place: (u32, u32),
    /// The members of `data`.
    pub data: Members,
}

/// The members of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    /// Each by the key under which it is answered.
    pub named: BTreeMap<String, Member>,
    /// Whether there may be others: what a fragment selects is not known.
    pub is_open: bool,
}

/// One member of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Whether it is there whenever its object is.
    pub is_always: bool,
    /// What it holds.
    pub holds: Holds,
}

/// What stands at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holds {
    /// Whether it may be null.
    pub is_nullable: bool,
    /// What it is otherwise.
    pub form: Form,
}

/// The form of a value that is not null.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// Nothing is known: no schema tells, or the scalar is one of the schema's own.
    Anything,
    /// `Int`, which has 32 bits.
    Int,
    /// `Float`.
    Float,
    /// `String`.
    Text,
    /// `ID`, which is written as text.
    Id,
    /// `Boolean`.
    Truth,
    /// One of these words.
    Words(BTreeSet<String>),
    /// An object of which these members are selected.
    Object(Members),
    /// A list.
    List(Box<Holds>),
}

/// Fragments by their names, which operations elsewhere select.
#[derive(Debug, Default)]
pub struct Fragments(BTreeMap<String, ast::FragmentDefinition<'static, String>>);

impl Fragments {
    /// Those of a text; what cannot be read is left to whoever reads that text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut fragments = Self::default();
        for chunk in split(text).chunks.iter().filter(|chunk| !chunk.is_of_schema) {
            if let Ok(ast::Definition::Fragment(fragment)) = parsed(chunk) {
                fragments.0.insert(fragment.name.clone(), fragment);
            }
        }
        fragments
    }
}

/// Reads the operations of a text, with the fragments that stand beside it, and the types of a
/// schema where there is one.
#[must_use]
pub fn asked(text: &str, beside: &Fragments, schema: Option<&Schema>) -> Document {
    let mut document = Document::default();
    let (mut operations, mut own) = (Vec::new(), Fragments::default());
    for chunk in split(text).chunks.iter().filter(|chunk| !chunk.is_of_schema) {
        match parsed(chunk) {
            Ok(ast::Definition::Operation(operation)) => operations.push((chunk.place, operation)),
            Ok(ast::Definition::Fragment(fragment)) => {
                own.0.insert(fragment.name.clone(), fragment);
            }
            Err(reason) => document.unread.push((chunk.place, reason)),
        }
    }
    for (place, operation) in operations {
        let fragments = [&own.0, &beside.0];
        let (open, depth, left) = (BTreeSet::new(), 0, SELECTIONS_MAX);
        let mut walk = Walk { schema, fragments, open, depth, left };
        match walk.operation(place, &operation) {
            Ok(Some(asked)) => document.asked.push(asked),
            Ok(None) => {}
            Err(reason) => document.unread.push((place, reason.to_owned())),
        }
    }
    document
}

fn parsed(chunk: &Chunk<'_>) -> Result<ast::Definition<'static, String>, String> {
    if depth_of(chunk.text) > DEPTH_MAX {
        return Err("its brackets lie too deep one in another".to_owned());
    }
    let document = graphql_parser::parse_query::<String>(chunk.text);
    let document =
        document.map_err(|err| format!("it cannot be read: {}", fault(&err.to_string()).why))?;
    let mut definitions = document.into_static().definitions.into_iter();
    definitions.next().ok_or_else(|| "it is no definition".to_owned())
}

/// A way through the selections of one operation.
struct Walk<'a> {
    schema: Option<&'a Schema>,
    /// Those of the document, then those beside it.
    fragments: [&'a BTreeMap<String, ast::FragmentDefinition<'static, String>>; 2],
    /// Fragments that the walk is inside of.
    open: BTreeSet<String>,
    depth: usize,
    left: usize,
}

/// Where selections stand: in an object of this type, and whether they are always answered there.
#[derive(Clone, Copy)]
struct Within<'a> {
    on: Option<&'a str>,
    is_certain: bool,
}

const TOO_MANY: &str = "it selects too much to follow";
const TOO_DEEP: &str = "its selections lie too deep one in another";

impl Walk<'_> {
    fn operation(
        &mut self,
        place: (u32, u32),
        operation: &ast::OperationDefinition<'_, String>,
    ) -> Result<Option<Asked>, &'static str> {
        use ast::OperationDefinition::{Mutation, Query, SelectionSet, Subscription};
        let (kind, name, selected) = match operation {
            Query(it) => ("query", &it.name, &it.selection_set),
            Mutation(it) => ("mutation", &it.name, &it.selection_set),
            Subscription(it) => ("subscription", &it.name, &it.selection_set),
            SelectionSet(_) => return Ok(None),
        };
        let Some(name) = name.clone() else { return Ok(None) };
        let on = self.schema.and_then(|schema| schema.root(kind));
        let mut data = Members::default();
        self.select(selected, Within { on, is_certain: true }, &mut data)?;
        Ok(Some(Asked { kind, name, place, data }))
    }

    // Recursive; no deeper than DEPTH_MAX.
    fn select(
        &mut self,
        selected: &ast::SelectionSet<'_, String>,
        within: Within<'_>,
        members: &mut Members,
    ) -> Result<(), &'static str> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(TOO_DEEP);
        }
        for selection in &selected.items {
            self.left = self.left.checked_sub(1).ok_or(TOO_MANY)?;
            match selection {
                ast::Selection::Field(field) => self.field(field, within, members)?,
                ast::Selection::FragmentSpread(spread) => {
                    let name = &spread.fragment_name;
                    let found = self.fragments.into_iter().find_map(|all| all.get(name));
                    let Some(fragment) = found else {
                        members.is_open = true;
                        continue;
                    };
                    let condition = Some(&fragment.type_condition);
                    let inner = self.inside(within, condition, &spread.directives);
                    if self.open.insert(fragment.name.clone()) {
                        self.select(&fragment.selection_set, inner, members)?;
                        self.open.remove(&fragment.name);
                    }
                }
                ast::Selection::InlineFragment(inline) => {
                    let condition = inline.type_condition.as_ref();
                    let inner = self.inside(within, condition, &inline.directives);
                    self.select(&inline.selection_set, inner, members)?;
                }
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// What selections under a condition stand in.
    fn inside<'a>(
        &self,
        within: Within<'a>,
        condition: Option<&'a ast::TypeCondition<'_, String>>,
        directives: &[ast::Directive<'_, String>],
    ) -> Within<'a> {
        let is_unconditional = within.is_certain && !is_conditional(directives);
        let Some(ast::TypeCondition::On(condition)) = condition else {
            return Within { is_certain: is_unconditional, ..within };
        };
        let is_certain = is_unconditional && self.is_always(within.on, condition);
        Within { on: Some(condition), is_certain }
    }

    /// Whether whatever is of one type is of another.
    fn is_always(&self, on: Option<&str>, condition: &str) -> bool {
        let (Some(schema), Some(on)) = (self.schema, on) else { return false };
        let (this, that) = (schema.objects_of(on), schema.objects_of(condition));
        on == condition || (!this.is_empty() && this.is_subset(&that))
    }

    fn field(
        &mut self,
        field: &ast::Field<'_, String>,
        within: Within<'_>,
        members: &mut Members,
    ) -> Result<(), &'static str> {
        let key = field.alias.as_ref().unwrap_or(&field.name).clone();
        let is_always = within.is_certain && !is_conditional(&field.directives);
        let holds = self.holds(field, within.on)?;
        let member = Member { is_always, holds };
        match members.named.remove(&key) {
            Some(known) => members.named.insert(key, known.and(member)),
            None => members.named.insert(key, member),
        };
        Ok(())
    }

    fn holds(
        &mut self,
        field: &ast::Field<'_, String>,
        on: Option<&str>,
    ) -> Result<Holds, &'static str> {
        let anything = Holds { is_nullable: true, form: Form::Anything };
        let (Some(schema), Some(on)) = (self.schema, on) else { return Ok(anything) };
        if field.name == "__typename" {
            let objects = schema.objects_of(on);
            let form = if objects.is_empty() { Form::Text } else { Form::Words(objects) };
            return Ok(Holds { is_nullable: false, form });
        }
        let this = schema.named(on);
        let held = this.as_ref().and_then(|this| this.fields.get(&field.name));
        held.map_or(Ok(anything), |held| self.held(held, field))
    }

    // Recursive; no deeper than the parser has gone.
    fn held(&mut self, held: &Held, field: &ast::Field<'_, String>) -> Result<Holds, &'static str> {
        let form = match &held.of {
            HeldOf::List(inner) => Form::List(Box::new(self.held(inner, field)?)),
            HeldOf::Named(name) => self.form(name, field)?,
        };
        Ok(Holds { is_nullable: held.is_nullable, form })
    }

    fn form(&mut self, name: &str, field: &ast::Field<'_, String>) -> Result<Form, &'static str> {
        let known = self.schema.and_then(|schema| schema.named(name));
        Ok(match (name, known.as_deref()) {
            (_, Some(known)) if known.kind == Kind::Enum => Form::Words(known.names.clone()),
            (_, Some(known)) if known.kind != Kind::Scalar => {
                let mut members = Members::default();
                let within = Within { on: Some(name), is_certain: true };
                self.select(&field.selection_set, within, &mut members)?;
                Form::Object(members)
            }
            ("Int", _) => Form::Int,
            ("Float", _) => Form::Float,
            ("String", _) => Form::Text,
            ("ID", _) => Form::Id,
            ("Boolean", _) => Form::Truth,
            _ => Form::Anything,
        })
    }
}

/// Whether what carries these may be left out of an answer, or come later.
fn is_conditional(directives: &[ast::Directive<'_, String>]) -> bool {
    const CONDITIONS: [&str; 4] = ["include", "skip", "defer", "stream"];
    directives.iter().any(|directive| CONDITIONS.contains(&directive.name.as_str()))
}

impl Member {
    /// What is asked for twice is answered once, with all that is selected of it.
    fn and(self, other: Self) -> Self {
        let is_always = self.is_always || other.is_always;
        Self { is_always, holds: self.holds.and(other.holds) }
    }
}

impl Holds {
    // Recursive; no deeper than either.
    fn and(self, other: Self) -> Self {
        let form = match (self.form, other.form) {
            (Form::Object(one), Form::Object(two)) => Form::Object(one.and(two)),
            (Form::List(one), Form::List(two)) => Form::List(Box::new(one.and(*two))),
            (Form::Anything, form) | (form, _) => form,
        };
        Self { is_nullable: self.is_nullable && other.is_nullable, form }
    }
}

impl Members {
    fn and(mut self, other: Self) -> Self {
        for (key, member) in other.named {
            let both = match self.named.remove(&key) {
                Some(known) => known.and(member),
                None => member,
            };
            self.named.insert(key, both);
        }
        Self { is_open: self.is_open || other.is_open, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    const SCHEMA: &str = "
        type Query { me: User, node(id: ID!): Node, found: [Found!]! }
        interface Node { id: ID! }
        type User implements Node { id: ID!, name: String, role: Role!, age: Int!, at: When,
            of: [[User]] }
        extend type User { rate: Float }
        type Team implements Node { id: ID!, size: Int }
        union Found = User | Team
        enum Role { ADMIN MEMBER }
        scalar When";

    fn print_members(out: &mut String, members: &Members) {
        out.push('{');
        for (key, member) in &members.named {
            let mark = if member.is_always { "" } else { "?" };
            write!(out, " {key}{mark}: ").unwrap();
            print(out, &member.holds);
        }
        out.push_str(if members.is_open { " ..}" } else { " }" });
    }

    fn print(out: &mut String, holds: &Holds) {
        match &holds.form {
            Form::Object(members) => print_members(out, members),
            Form::List(inner) => {
                out.push('[');
                print(out, inner);
                out.push(']');
            }
            Form::Words(words) => {
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                out.push_str(&words.join("|"));
            }
            form => write!(out, "{form:?}").unwrap(),
        }
        if !holds.is_nullable {
            out.push('!');
        }
    }

    #[track_caller]
    fn check(text: &str, schema: Option<&str>, expected: &[&str]) {
        let schema = schema.map(|text| Schema::of(text.to_owned()));
        let document = asked(text, &Fragments::default(), schema.as_ref());
        let shown = document.asked.iter().map(|asked| {
            let mut out = format!("{}: {} {} ", asked.place.0, asked.kind, asked.name);
            print_members(&mut out, &asked.data);
            out
        });
        let unread = document.unread.iter().map(|((line, _), why)| format!("{line}: {why}"));
        assert_eq!(shown.chain(unread).collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn a_schema_tells_what_fields_hold() {
        check(
            "query Me {\n me { __typename id name role age at rate of { id } } }",
            Some(SCHEMA),
            &["1: query Me { me: { __typename: User! age: Int! at: Anything id: Id! name: Text \
               of: [[{ id: Id! }]] rate: Float role: ADMIN|MEMBER! } }"],
        );
        check("\nquery A { me { id } no }", None, &["2: query A { me: Anything no: Anything }"]);
    }

    #[test]
    fn what_stands_under_a_condition_may_be_left_out() {
        check(
            "query A($b: Boolean!) { me { id @include(if: $b) x: name @client } me { age id } \
             ... @skip(if: $b) { found { __typename } } }",
            Some(SCHEMA),
            &["1: query A { found?: [{ __typename: Team|User! }!]! \
               me: { age: Int! id: Id! x: Text } }"],
        );
    }

    #[test]
    fn fragments_are_certain_where_every_object_is_of_their_type() {
        check(
            "fragment F on User { name ...F }
             query A { me { ...F ...G ... on Node { id } } node(id: 1) { ... on User { age } } }",
            Some(SCHEMA),
            &["2: query A { me: { id: Id! name: Text ..} node: { age?: Int! } }"],
        );
        check(
            "fragment F on Query { me } query A { ...F ...G }",
            None,
            &["1: query A { me?: Anything ..}"],
        );
    }

    #[test]
    fn fragments_may_stand_beside() {
        let beside = Fragments::of("fragment F on Q { b } query B { b }");
        let document = asked("query A { ...F }", &beside, None);
        let named: Vec<&String> = document.asked[0].data.named.keys().collect();
        assert_eq!(
            (document.asked.len(), named, document.unread),
            (1, vec![&"b".to_owned()], Vec::new())
        );
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        check(
            "query A { a } query { b } { c }\nquery B {",
            None,
            &[
                "1: query A { a: Anything }",
                "2: it cannot be read: unexpected end of input; expected Name",
            ],
        );
        let deep = format!("query A {}{}", "{ a ".repeat(99), "}".repeat(99));
        check(&deep, None, &["1: its brackets lie too deep one in another"]);
        let chain = (0..99).map(|at| format!("fragment F{at} on A {{ ...F{} }} ", at + 1));
        let chain = chain.collect::<String>() + "query A { ...F0 }";
        check(&chain, None, &["1: its selections lie too deep one in another"]);
        let spread = "... on A { a } ".repeat(SELECTIONS_MAX);
        check(&format!("query A {{ {spread} }}"), None, &["1: it selects too much to follow"]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text: String, schema: String) {
            let _ = asked(&text, &Fragments::of(&schema), Some(&Schema::of(schema.clone())));
        }
    }
}
