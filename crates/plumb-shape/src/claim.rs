//! Claims: one thing that a mock, cassette, contract or specification says about a seam, with the
//! place in the file that says it.
//!
//! Knows what is said and how strongly; refuses to know how any dialect is written.

use crate::operation::PathPattern;
use crate::said::Said;
use std::fmt;

/// One thing said about a seam.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Where it is said.
    pub source: Source,
    /// How strongly it is said.
    pub strength: Strength,
    /// The provider as the claim names it: a host or a pact's provider; `None` when not said.
    pub writer: Option<String>,
    /// The consumer as the claim names it; `None` when not said.
    pub reader: Option<String>,
    /// Which requests it speaks of.
    pub request: SaidRequest,
    /// Which answer it speaks of.
    pub status: SaidStatus,
    /// What it says about the places of the exchange.
    pub said: Said,
}

/// The place in a file that makes a claim.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Source {
    /// The dialect it is written in.
    pub dialect: Dialect,
    /// The file, relative to the folder that was scanned, with `/` between parts.
    pub file: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The column in characters, counted from 1.
    pub column: u32,
    /// What the file calls it: a stub's name, an interaction's description, an operation id.
    pub title: String,
}

/// The dialects that claims are read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// WireMock stub mappings.
    WireMock,
    /// OpenAPI 3.0 and 3.1.
    OpenApi,
    /// Pact v1 to v4.
    Pact,
    /// VCR cassettes of Ruby.
    Vcr,
    /// vcrpy cassettes of Python.
    Vcrpy,
    /// HAR files used as fixtures.
    Har,
    /// Messages recorded from a queue of kombu, the library beneath Celery.
    Kombu,
    /// Mountebank imposters.
    Mountebank,
    /// Hoverfly simulations.
    Hoverfly,
    /// Keploy tests and mocks.
    Keploy,
    /// Polly.JS recordings.
    Polly,
    /// Postman collections 2.0 and 2.1.
    Postman,
    /// Insomnia exports of version 4 and 5.
    Insomnia,
    /// Bruno requests with examples.
    Bruno,
    /// GripMock stubs of gRPC.
    GripMock,
    /// Handlers of MSW (Mock Service Worker), in JavaScript or TypeScript.
    Msw,
    /// Interceptors of nock, in JavaScript or TypeScript, and what it recorded.
    Nock,
    /// Mocks of Apollo Client (`MockedProvider`), in JavaScript or TypeScript.
    Apollo,
    /// Operations of GraphQL, in documents or in scripts.
    GraphQl,
    /// JSON that the configuration names as an example.
    Example,
    /// JSON Schema that the configuration names.
    JsonSchema,
}

/// How strongly a claim speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Strength {
    /// The tests exercise just this: a stub, a recorded interaction.
    Example,
    /// Values outside it are refused or undefined: a specification, a schema.
    Constraint,
    /// A consumer's test asserts it: a matcher in a contract.
    Expectation,
}

/// Which requests a claim speaks of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaidRequest {
    /// Methods in upper case; empty means any.
    pub methods: Vec<String>,
    /// The path.
    pub path: PathPattern,
    /// Whether the query names said are all there may be.
    pub query: SaidQuery,
    /// Precedence among claims about the same request: lower answers first, as in the dialect's own
    /// tool; ties are decided by the later position in a list of claims.
    pub priority: i32,
    /// True when the claim's own tool would not choose it by the request alone (scenario state,
    /// custom matchers, playback order), so that several answers to one request are expected.
    pub stateful: bool,
}

/// How a claim speaks of the query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SaidQuery {
    /// Nothing is said.
    Any,
    /// The names said are there; others may be.
    Includes,
    /// The names said are there and no others.
    Exactly,
}

/// Which answers a claim speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SaidStatus {
    /// This status.
    Exactly(u16),
    /// A class: `4` stands for 400 to 499.
    Class(u8),
    /// Any status that no other claim about the operation names.
    Default,
}

impl SaidStatus {
    /// True when the claim speaks of this status, with [`SaidStatus::Default`] taken as any.
    #[must_use]
    pub fn admits(self, status: u16) -> bool {
        match self {
            Self::Exactly(said) => said == status,
            Self::Class(class) => status / 100 == u16::from(class),
            Self::Default => true,
        }
    }

    /// True when the status said is, or may be, a success (below 400).
    #[must_use]
    pub fn is_success(self) -> bool {
        match self {
            Self::Exactly(said) => (100..400).contains(&said),
            Self::Class(class) => class < 4,
            Self::Default => false,
        }
    }
}

impl fmt::Display for SaidStatus {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(status) => write!(out, "{status}"),
            Self::Class(class) => write!(out, "{class}XX"),
            Self::Default => out.write_str("default"),
        }
    }
}

impl Dialect {
    /// The word used in output and configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WireMock => "wiremock",
            Self::OpenApi => "openapi",
            Self::Pact => "pact",
            Self::Vcr => "vcr",
            Self::Vcrpy => "vcrpy",
            Self::Har => "har",
            Self::Kombu => "kombu",
            Self::Mountebank => "mountebank",
            Self::Hoverfly => "hoverfly",
            Self::Keploy => "keploy",
            Self::Polly => "polly",
            Self::Postman => "postman",
            Self::Insomnia => "insomnia",
            Self::Bruno => "bruno",
            Self::GripMock => "gripmock",
            Self::Msw => "msw",
            Self::Nock => "nock",
            Self::Apollo => "apollo",
            Self::GraphQl => "graphql",
            Self::Example => "example",
            Self::JsonSchema => "json-schema",
        }
    }

    /// True when its files hold answers, or rules about them, that tests are given. A document of
    /// GraphQL only asks.
    #[must_use]
    pub const fn has_answers(self) -> bool {
        !matches!(self, Self::GraphQl)
    }

    /// True when what it says are rules about answers, which are widened, and not answers.
    #[must_use]
    pub const fn states_rules(self) -> bool {
        matches!(self, Self::OpenApi | Self::Pact)
    }
}

impl Strength {
    /// The word used in output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Example => "example",
            Self::Constraint => "constraint",
            Self::Expectation => "expectation",
        }
    }
}
