//! A site: where one claim keeps the parts of its answer. Refuses to know any dialect.

use plumb_tree::Node;

/// Where one claim keeps its answer.
pub(crate) struct Site<'a> {
    /// The stub or interaction.
    pub(crate) whole: &'a Node,
    /// What it stands among.
    pub(crate) among: Among<'a>,
    /// Its answer.
    pub(crate) response: &'a Node,
    /// The status, where it is written.
    pub(crate) status: Option<&'a Node>,
    /// The key of the status, and that of headers.
    pub(crate) keys: (&'static str, &'static str),
    /// The words beside the status, where they are written.
    pub(crate) reason: Option<&'a Node>,
    /// How headers are listed, and where, when they are.
    pub(crate) headers: Headers<'a>,
    /// Where the body is.
    pub(crate) body: BodySite<'a>,
    /// How it tells the query of a request.
    pub(crate) query: AskedQuery<'a>,
    /// Where the body of the request is.
    pub(crate) asked: Asked<'a>,
}

/// What a claim stands among, where a copy of it would stand too.
#[derive(Clone, Copy)]
pub(crate) enum Among<'a> {
    /// A list.
    List(&'a Node),
    /// The documents of a file of several.
    Documents,
    /// The blocks of a file.
    Blocks,
    /// Nothing: the file is one claim.
    Nothing,
}

/// How a claim tells the query of a request.
#[derive(Clone, Copy)]
pub(crate) enum AskedQuery<'a> {
    /// In a request as WireMock has it, or one with an address of its own.
    Request(&'a Node),
    /// In the text of an address.
    Address(&'a Node),
    /// In an address that is kept in parts, with a list of parameters.
    Parts(&'a Node),
    /// By matchers, parameter by parameter.
    Matchers(&'a Node),
    /// Nowhere that could be changed.
    Nowhere,
}

/// How a claim tells the body of a request.
#[derive(Clone, Copy)]
pub(crate) enum Asked<'a> {
    /// As it was recorded.
    Recorded(BodySite<'a>),
    /// By patterns that it has to meet, which is this member of the request.
    Patterns(&'a Node, usize),
    /// Not at all: any will do.
    Any,
}

/// How headers are listed.
#[derive(Clone, Copy)]
pub(crate) enum Headers<'a> {
    /// An object of names with a value, or with a list of values.
    ByName(Option<&'a Node>, Values),
    /// A list of objects with a name under this key, and `value`.
    Pairs(Option<&'a Node>, &'static str),
    /// A list of names and values in turn.
    InTurn(Option<&'a Node>),
}

/// How an object of headers holds a value that is new.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Values {
    One,
    List,
}

/// Where a body is.
#[derive(Clone, Copy)]
pub(crate) enum BodySite<'a> {
    /// As part of the file's own tree.
    Tree(&'a Node),
    /// As an object that stands nowhere itself, whose members are part of the file's tree.
    Parts(&'a Node),
    /// As text.
    Text(&'a Node),
    /// As base64.
    Base64(&'a Node),
    /// In a file of its own.
    File(&'a Node),
    /// Nowhere; it would be written as text into this object under this key.
    Nowhere(&'a Node, &'static str),
}
