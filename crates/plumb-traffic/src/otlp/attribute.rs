//! Which attributes of a span and of a resource mean something here, by the stable names of
//! OpenTelemetry's conventions and by the ones before. It refuses to know how values are encoded
//! and where they end up.

use std::borrow::Cow;

/// Text that a span may carry, once each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// The HTTP method, or `_OTHER`.
    Method,
    /// The HTTP method as sent, where the SDK did not know it.
    MethodOriginal,
    /// The template that the server's router matched.
    Route,
    /// The whole address.
    Url,
    /// The path alone.
    Path,
    /// The query alone.
    Query,
    /// Path and query in one.
    Target,
    /// `http` or `https`.
    Scheme,
    /// The server's name or address, without port.
    Server,
    /// The `host` header.
    Authority,
    /// The other end's name, without port; of a client's span that is the server.
    Other,
    /// The own name, without port; of a server's span that is the server.
    Own,
    /// `grpc`, or another system of remote calls.
    RpcSystem,
    /// The service called, with its package.
    RpcService,
    /// The method called, alone or behind the service and a slash.
    RpcMethod,
    /// The outcome of a remote call: a number or a name.
    RpcStatus,
    /// What the caller calls the one it called.
    PeerService,
    /// The system that carries messages.
    Broker,
    /// The template of the queue or topic, where its name holds data.
    DestinationTemplate,
    /// The queue or topic.
    Destination,
    /// What was done with a message: sent, received and so on.
    MessageOperation,
    /// The group that shares out the messages among its members.
    Group,
    /// The system of a database.
    Database,
    /// The table, or what stands for one.
    Collection,
    /// The verb of a statement.
    Statement,
    /// Verb and tables in one, without any value.
    Summary,
    /// The outcome of a statement, in the database's own code.
    DatabaseStatus,
    /// The resource's name.
    Service,
    /// The resource's namespace.
    Namespace,
    /// The resource's version.
    Version,
    /// The resource's environment.
    Environment,
}

/// How many kinds of text there are.
pub(crate) const WORDS: usize = Word::Environment as usize + 1;

/// Numbers that a span may carry, once each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// The HTTP status.
    Status,
    /// Goes with [`Word::Server`].
    ServerPort,
    /// Goes with [`Word::Other`].
    OtherPort,
    /// Goes with [`Word::Own`].
    OwnPort,
    /// Bytes of the request's body.
    RequestBytes,
    /// Bytes of the response's body.
    ResponseBytes,
}

/// How many kinds of number there are.
pub(crate) const NUMBERS: usize = Number::ResponseBytes as usize + 1;

/// One side of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    /// What was asked.
    Request,
    /// What was answered.
    Response,
}

/// Which conventions a name belongs to. Both may stand on one span; the stable one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Era {
    Stable,
    Previous,
}

/// Where the value of an attribute belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Slot<'a> {
    Word(Word, Era),
    Number(Number, Era),
    /// A captured header, by its name.
    Header(Half, Cow<'a, str>),
    Body(Half),
}

use Era::{Previous, Stable};

impl Slot<'_> {
    /// The same, borrowing nothing.
    pub(crate) fn into_owned(self) -> Slot<'static> {
        match self {
            Self::Word(word, era) => Slot::Word(word, era),
            Self::Number(number, era) => Slot::Number(number, era),
            Self::Header(half, name) => Slot::Header(half, name.into_owned().into()),
            Self::Body(half) => Slot::Body(half),
        }
    }
}

/// What an attribute of a span means; none if nothing here.
pub(crate) fn span_slot(name: &[u8]) -> Option<Slot<'_>> {
    let dot = name.iter().position(|&byte| byte == b'.')?;
    let (namespace, rest) = (&name[..dot], &name[dot + 1..]);
    Some(match namespace {
        b"http" => return http_slot(rest),
        b"url" => match rest {
            b"full" => Slot::Word(Word::Url, Stable),
            b"path" => Slot::Word(Word::Path, Stable),
            b"query" => Slot::Word(Word::Query, Stable),
            b"scheme" => Slot::Word(Word::Scheme, Stable),
            _ => return None,
        },
        b"server" => match rest {
            b"address" => Slot::Word(Word::Server, Stable),
            b"port" => Slot::Number(Number::ServerPort, Stable),
            _ => return None,
        },
        b"net" => match rest {
            b"peer.name" => Slot::Word(Word::Other, Previous),
            b"peer.port" => Slot::Number(Number::OtherPort, Previous),
            b"host.name" => Slot::Word(Word::Own, Previous),
            b"host.port" => Slot::Number(Number::OwnPort, Previous),
            _ => return None,
        },
        b"rpc" => return rpc_slot(rest),
        b"service" if rest == b"peer.name" => Slot::Word(Word::PeerService, Stable),
        b"peer" if rest == b"service" => Slot::Word(Word::PeerService, Previous),
        b"messaging" => return messaging_slot(rest),
        b"db" => return database_slot(rest),
        _ => return None,
    })
}

fn http_slot(rest: &[u8]) -> Option<Slot<'_>> {
    Some(match rest {
        b"request.method" => Slot::Word(Word::Method, Stable),
        b"method" => Slot::Word(Word::Method, Previous),
        b"request.method_original" => Slot::Word(Word::MethodOriginal, Stable),
        b"response.status_code" => Slot::Number(Number::Status, Stable),
        b"status_code" => Slot::Number(Number::Status, Previous),
        b"route" => Slot::Word(Word::Route, Stable),
        b"url" => Slot::Word(Word::Url, Previous),
        b"target" => Slot::Word(Word::Target, Previous),
        b"scheme" => Slot::Word(Word::Scheme, Previous),
        b"host" => Slot::Word(Word::Authority, Previous),
        b"request.body.content" => Slot::Body(Half::Request),
        b"response.body.content" => Slot::Body(Half::Response),
        b"request.body.size" => Slot::Number(Number::RequestBytes, Stable),
        b"response.body.size" => Slot::Number(Number::ResponseBytes, Stable),
        b"request_content_length" => Slot::Number(Number::RequestBytes, Previous),
        b"response_content_length" => Slot::Number(Number::ResponseBytes, Previous),
        _ => {
            let (half, header) = half_of(rest, b"header.")?;
            // The conventions before wrote `_` for `-`, and both may stand on one span.
            let plain = header.contains('_');
            let header = if plain { header.replace('_', "-").into() } else { header.into() };
            Slot::Header(half, header)
        }
    })
}

fn rpc_slot(rest: &[u8]) -> Option<Slot<'_>> {
    Some(match rest {
        b"system.name" => Slot::Word(Word::RpcSystem, Stable),
        b"system" => Slot::Word(Word::RpcSystem, Previous),
        b"service" => Slot::Word(Word::RpcService, Previous),
        b"method" => Slot::Word(Word::RpcMethod, Stable),
        b"status_code" => Slot::Word(Word::RpcStatus, Stable),
        b"grpc.status_code" | b"response.status_code" => Slot::Word(Word::RpcStatus, Previous),
        _ => {
            let (half, key) = half_of(rest.strip_prefix(b"grpc.").unwrap_or(rest), b"metadata.")?;
            Slot::Header(half, key.into())
        }
    })
}

fn messaging_slot(rest: &[u8]) -> Option<Slot<'_>> {
    Some(match rest {
        b"system" => Slot::Word(Word::Broker, Stable),
        b"destination.template" => Slot::Word(Word::DestinationTemplate, Stable),
        b"destination.name" => Slot::Word(Word::Destination, Stable),
        b"destination" => Slot::Word(Word::Destination, Previous),
        b"operation.type" => Slot::Word(Word::MessageOperation, Stable),
        b"operation" => Slot::Word(Word::MessageOperation, Previous),
        b"consumer.group.name" => Slot::Word(Word::Group, Stable),
        b"kafka.consumer.group" | b"kafka.consumer_group" | b"eventhubs.consumer.group" => {
            Slot::Word(Word::Group, Previous)
        }
        _ => return None,
    })
}

fn database_slot(rest: &[u8]) -> Option<Slot<'_>> {
    Some(match rest {
        b"system.name" => Slot::Word(Word::Database, Stable),
        b"system" => Slot::Word(Word::Database, Previous),
        b"collection.name" => Slot::Word(Word::Collection, Stable),
        b"sql.table" | b"mongodb.collection" | b"cassandra.table" => {
            Slot::Word(Word::Collection, Previous)
        }
        b"operation.name" => Slot::Word(Word::Statement, Stable),
        b"operation" => Slot::Word(Word::Statement, Previous),
        b"query.summary" => Slot::Word(Word::Summary, Stable),
        b"response.status_code" => Slot::Word(Word::DatabaseStatus, Stable),
        _ => return None,
    })
}

fn half_of<'a>(rest: &'a [u8], what: &[u8]) -> Option<(Half, &'a str)> {
    let (half, rest) = match rest.strip_prefix(b"request.") {
        Some(rest) => (Half::Request, rest),
        None => (Half::Response, rest.strip_prefix(b"response.")?),
    };
    // A name that is no UTF-8 is none that is known.
    let name = std::str::from_utf8(rest.strip_prefix(what)?).ok()?;
    (!name.is_empty()).then_some((half, name))
}

/// What an attribute of a resource means; none if nothing here.
pub(crate) fn resource_slot(name: &[u8]) -> Option<Slot<'_>> {
    Some(match name {
        b"service.name" => Slot::Word(Word::Service, Stable),
        b"service.namespace" => Slot::Word(Word::Namespace, Stable),
        b"service.version" => Slot::Word(Word::Version, Stable),
        b"deployment.environment.name" => Slot::Word(Word::Environment, Stable),
        b"deployment.environment" => Slot::Word(Word::Environment, Previous),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: Option<Slot<'_>>) {
        assert_eq!(span_slot(name.as_bytes()), expected, "{name}");
    }

    #[test]
    fn both_conventions_are_known() {
        for (stable, previous) in [
            ("http.request.method", "http.method"),
            ("http.response.status_code", "http.status_code"),
            ("url.full", "http.url"),
            ("url.scheme", "http.scheme"),
            ("rpc.system.name", "rpc.system"),
            ("rpc.status_code", "rpc.grpc.status_code"),
            ("service.peer.name", "peer.service"),
            ("messaging.destination.name", "messaging.destination"),
            ("messaging.operation.type", "messaging.operation"),
            ("messaging.consumer.group.name", "messaging.kafka.consumer.group"),
            ("db.system.name", "db.system"),
            ("db.collection.name", "db.sql.table"),
            ("db.operation.name", "db.operation"),
        ] {
            match (span_slot(stable.as_bytes()), span_slot(previous.as_bytes())) {
                (Some(Slot::Word(one, Stable)), Some(Slot::Word(two, Previous))) => {
                    assert_eq!(one, two);
                }
                (Some(Slot::Number(one, Stable)), Some(Slot::Number(two, Previous))) => {
                    assert_eq!(one, two);
                }
                other => panic!("{stable}, {previous}: {other:?}"),
            }
        }
    }

    #[test]
    fn headers_are_named_by_their_attribute() {
        let header = |half, name: &'static str| Some(Slot::Header(half, name.into()));
        check("http.request.header.accept", header(Half::Request, "accept"));
        check("http.response.header.content_type", header(Half::Response, "content-type"));
        check("rpc.grpc.request.metadata.x_id", header(Half::Request, "x_id"));
        check("rpc.response.metadata.x-id", header(Half::Response, "x-id"));
        check("http.request.header.", None);
    }

    #[test]
    fn other_names_mean_nothing() {
        let statements = ["db.statement", "db.query.text", "db.query.parameter.0"];
        let others = ["", "http", "http.", "network.peer.address", "url.full.x", "service.name"];
        for name in others.into_iter().chain(statements) {
            check(name, None);
        }
        assert_eq!(resource_slot(b"http.method"), None);
    }
}
