//! One interface in typed form, whatever it was written in: operations with their parameters,
//! bodies, answers, security and servers. Schemas stay where they were written.
//!
//! Refuses to know formats, and to compare anything.

use crate::compared::Unread;
use crate::openapi::document::{Links, Spot};
use std::collections::{BTreeMap, BTreeSet};

/// One version of an interface, as far as it could be read.
#[derive(Debug)]
pub struct Interface<'t> {
    /// What could not be read.
    pub unread: Vec<Unread>,
    /// Whether there is anything to compare: false when the description as a whole is unreadable.
    pub is_read: bool,
    /// Operations in the order of the file, callbacks and webhooks among them.
    pub(crate) operations: Vec<Operation<'t>>,
    /// How its schemas are written.
    pub(crate) dialect: Dialect,
    /// Where its references lead.
    pub(crate) links: Links<'t>,
}

/// How schemas in a description are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Swagger 2.0.
    Swagger,
    /// OpenAPI 3.0: a dialect of its own, with `nullable`.
    Thirty,
    /// OpenAPI 3.1 and later: JSON Schema 2020-12.
    ThirtyOne,
}

/// Who calls whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Role {
    /// Partners call the interface.
    Served,
    /// The interface calls its partners: callbacks and webhooks.
    Called,
}

/// One operation.
#[derive(Debug)]
pub(crate) struct Operation<'t> {
    pub(crate) role: Role,
    /// The callback or webhook it belongs to, such as `webhook paid `; empty for others.
    pub(crate) within: String,
    /// In capitals.
    pub(crate) method: String,
    pub(crate) path: Template,
    pub(crate) is_deprecated: bool,
    /// The day from which it may be gone, as written.
    pub(crate) sunset: Option<String>,
    pub(crate) parameters: Vec<Parameter<'t>>,
    pub(crate) body: Option<Body<'t>>,
    pub(crate) responses: BTreeMap<Status, Response<'t>>,
    /// At least one; a caller meets any one of them.
    pub(crate) security: Vec<Alternative<'t>>,
    /// At least one.
    pub(crate) servers: Vec<Server>,
    /// Where its servers are listed: the same place for all operations that share a list.
    pub(crate) servers_at: Spot<'t>,
    pub(crate) at: Spot<'t>,
}

/// A path with places for parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    /// As written.
    pub(crate) text: String,
    /// The same for all templates that differ in nothing but the names of their parameters.
    pub(crate) form: String,
    /// The names, in order.
    pub(crate) names: Vec<String>,
}

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Location {
    Path,
    Query,
    /// The query as a whole.
    QueryString,
    Header,
    Cookie,
}

/// A parameter of a request, or a header of an answer.
#[derive(Debug)]
pub(crate) struct Parameter<'t> {
    /// In lower case for headers.
    pub(crate) name: String,
    pub(crate) location: Location,
    pub(crate) is_required: bool,
    pub(crate) is_deprecated: bool,
    pub(crate) carriage: Carriage,
    pub(crate) schema: Option<Schema<'t>>,
    /// The media type of a value that is a document of its own.
    pub(crate) media: Option<String>,
    pub(crate) at: Spot<'t>,
}

/// How a value is written as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Carriage {
    pub(crate) style: Style,
    pub(crate) is_exploded: bool,
    pub(crate) allows_reserved: bool,
    pub(crate) allows_empty: bool,
}

/// The styles in which values are written as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Form,
    Simple,
    Label,
    Matrix,
    Space,
    Pipe,
    Tab,
    Deep,
    Cookie,
}

/// The body of a request.
#[derive(Debug)]
pub(crate) struct Body<'t> {
    pub(crate) is_required: bool,
    pub(crate) content: Vec<Media<'t>>,
    pub(crate) at: Spot<'t>,
}

/// One way in which a body may be written.
#[derive(Debug)]
pub(crate) struct Media<'t> {
    /// Media type or range, in lower case.
    pub(crate) name: String,
    pub(crate) schema: Option<Schema<'t>>,
    /// The schema of each document of a sequence.
    pub(crate) item: Option<Schema<'t>>,
    /// How members of a form are written.
    pub(crate) encoding: BTreeMap<String, Encoding<'t>>,
    pub(crate) at: Spot<'t>,
}

/// How one member of a form is written.
#[derive(Debug)]
pub(crate) struct Encoding<'t> {
    pub(crate) media: Option<String>,
    pub(crate) carriage: Carriage,
    pub(crate) headers: Vec<Parameter<'t>>,
    pub(crate) at: Spot<'t>,
}

/// The statuses that one description of an answer stands for; the narrower comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Status {
    Exactly(u16),
    /// The first digit.
    Class(u16),
    Default,
}

/// One answer.
#[derive(Debug)]
pub(crate) struct Response<'t> {
    pub(crate) headers: Vec<Parameter<'t>>,
    pub(crate) content: Vec<Media<'t>>,
    pub(crate) at: Spot<'t>,
}

/// What a caller must show, all of it; nothing when empty.
#[derive(Clone, Debug)]
pub(crate) struct Alternative<'t> {
    pub(crate) needs: BTreeMap<Scheme, BTreeSet<String>>,
    pub(crate) at: Spot<'t>,
}

/// A way to show who calls, by what it does and not by its name in the file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Scheme {
    /// What callers carry, such as "`x-key` in header" or "bearer token".
    pub(crate) carried: String,
    /// Where that is got, when the description says so.
    pub(crate) issuer: String,
}

/// Where operations are served.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Server {
    /// Scheme and authority; empty for a relative URL.
    pub(crate) origin: String,
    /// The path without a slash at its end.
    pub(crate) path: String,
}

/// A schema and how it was written.
#[derive(Clone, Debug)]
pub(crate) enum Schema<'t> {
    /// As one value in a file.
    At(Spot<'t>),
    /// As parameters that together are a form.
    Form(Vec<Field<'t>>),
}

/// One field of a form, whose schema is its parameter.
#[derive(Clone, Debug)]
pub(crate) struct Field<'t> {
    pub(crate) name: String,
    pub(crate) is_required: bool,
    pub(crate) at: Spot<'t>,
}

impl Template {
    /// Reads a template.
    pub(crate) fn new(text: &str) -> Self {
        let mut form = String::with_capacity(text.len());
        let mut names = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let Some((name, tail)) = after.split_once('}') else { break };
            form.push_str(before);
            form.push_str("{}");
            names.push(name.to_owned());
            rest = tail;
        }
        form.push_str(rest);
        Self { text: text.to_owned(), form, names }
    }

    /// Whether every path of `narrow` is one of this: it has parameters where that has text.
    pub(crate) fn covers(&self, narrow: &Self) -> bool {
        let (wide, narrow) = (self.form.split('/'), narrow.form.split('/'));
        let fits = |(wide, narrow): (&str, &str)| wide == narrow || wide == "{}";
        wide.clone().count() == narrow.clone().count() && wide.zip(narrow).all(fits)
    }
}

impl Location {
    /// As it is written, and shown.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::QueryString => "querystring",
            Self::Header => "header",
            Self::Cookie => "cookie",
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exactly(code) => write!(out, "{code}"),
            Self::Class(digit) => write!(out, "{digit}XX"),
            Self::Default => out.write_str("default"),
        }
    }
}

/// Role, what it belongs to, method and path: what tells operations apart.
pub(crate) type Name = (Role, String, String, String);

impl Operation<'_> {
    /// What tells it apart from others, in any version.
    pub(crate) fn name(&self) -> Name {
        let within = Template::new(&self.within).form;
        (self.role, within, self.method.clone(), self.path.form.clone())
    }

    /// As changes name it.
    pub(crate) fn subject(&self) -> String {
        format!("{}{} {}", self.within, self.method, self.path.text)
    }
}

impl Interface<'_> {
    /// How many operations were read.
    #[must_use]
    pub fn operation_count(&self) -> usize {
        self.operations.len()
    }
}
