//! Calls of gRPC as documents: the messages of a call under the types that its method takes and
//! gives. One that may come many times is an array. It refuses to know where schemas come from, and
//! leaves alone what none of them describes.

use std::borrow::Cow;
use std::collections::BTreeSet;

use prost_reflect::{DescriptorPool, MessageDescriptor, MethodDescriptor};

use crate::exchange::{Body, Exchange, Message, header};
use crate::schema::grpc_frame::messages;
use crate::schema::protobuf::{ReadFile, array, document, pool_of_descriptors, pool_of_source};
use crate::schema::refusal::{SchemaError, UNFIT};

/// Services and their methods.
#[derive(Debug, Clone)]
pub struct Services {
    pool: DescriptorPool,
}

/// What became of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is no call of gRPC, and is as it was.
    Other,
    /// What could be seen of its bodies is documents now.
    Read,
    /// No schema describes its method; it is as it was.
    Unknown,
    /// A body did not fit its schema, and is withheld.
    Unfit,
}

/// Words that are told of at most. The largest interfaces have some ten thousand.
pub const WORDS_MAX: usize = 100_000;

/// The outcome of a call that went well.
const OK: &str = "0";

/// Reads services out of a set of descriptors, as compilers write it.
///
/// # Errors
/// [`SchemaError`] if it is no such set.
pub fn from_descriptors(bytes: &[u8]) -> Result<Services, SchemaError> {
    pool_of_descriptors(bytes).map(|pool| Services { pool })
}

/// Reads services out of the source `name` and what it imports.
///
/// # Errors
/// [`SchemaError`] if a source cannot be read.
pub fn from_source(name: &str, read: ReadFile) -> Result<Services, SchemaError> {
    pool_of_source(name, read).map(|pool| Services { pool })
}

impl Services {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.pool.services().len()
    }

    /// The names of all words that fields with a fixed choice of words can hold, each once and in
    /// order; no more than [`WORDS_MAX`].
    #[must_use]
    pub fn words(&self) -> BTreeSet<String> {
        let each = self.pool.all_enums().flat_map(|words| {
            words.values().map(|word| word.name().to_owned()).collect::<Vec<String>>()
        });
        each.take(WORDS_MAX).collect()
    }

    /// The method of a path such as `/shop.Orders/Get`.
    pub(crate) fn method(&self, path: &str) -> Option<MethodDescriptor> {
        let (service, name) = path.strip_prefix('/')?.rsplit_once('/')?;
        let service = self.pool.get_service_by_name(service)?;
        service.methods().find(|method| method.name() == name)
    }
}

/// Makes documents of the bodies of an exchange, if it is a call that a schema describes. Bodies
/// that were not seen whole stay withheld.
pub fn read(exchange: &mut Exchange<'_>, services: Option<&Services>) -> Outcome {
    if !is_grpc(&exchange.request) {
        return Outcome::Other;
    }
    let Some(method) = services.and_then(|services| services.method(&exchange.path)) else {
        return Outcome::Unknown;
    };
    let (request, response) = (Expected::asked(&method), Expected::answered(&method));
    let request_fits = read_body(&mut exchange.request, &request);
    let has_gone_well = header(&exchange.response.headers, "grpc-status") == Some(OK);
    // A call that failed may have had nothing to say, a stream that went well said just that.
    let response_fits = if exchange.response.body == Body::Absent && !has_gone_well {
        true
    } else {
        read_body(&mut exchange.response, &response)
    };
    if request_fits && response_fits { Outcome::Read } else { Outcome::Unfit }
}

/// What a method takes, or gives.
pub(crate) struct Expected {
    pub(crate) message: MessageDescriptor,
    pub(crate) is_stream: bool,
}

impl Expected {
    /// What a method takes.
    pub(crate) fn asked(method: &MethodDescriptor) -> Self {
        Self { message: method.input(), is_stream: method.is_client_streaming() }
    }

    /// What a method gives.
    pub(crate) fn answered(method: &MethodDescriptor) -> Self {
        Self { message: method.output(), is_stream: method.is_server_streaming() }
    }

    /// A payload as a document. `encoding` is what `grpc-encoding` says.
    pub(crate) fn document(&self, payload: &[u8], encoding: &str) -> Result<Vec<u8>, &'static str> {
        let messages = messages(payload, encoding)?;
        match (self.is_stream, &*messages) {
            (true, _) => array(&self.message, &messages),
            (false, [only]) => document(&self.message, only),
            (false, _) => Err(UNFIT),
        }
    }
}

/// True for messages of Protobuf, which is what gRPC carries unless it says otherwise.
fn is_grpc(message: &Message<'_>) -> bool {
    is_call(message.media_type.as_deref().unwrap_or_default())
}

/// True for the media type of a call whose messages are those of Protobuf.
#[must_use]
pub fn is_call(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    ["application/grpc", "application/grpc+proto"]
        .iter()
        .any(|grpc| essence.eq_ignore_ascii_case(grpc))
}

/// Answers whether the body fits; one that does not is withheld.
fn read_body(message: &mut Message<'_>, expected: &Expected) -> bool {
    let bytes: Cow<'_, [u8]> = match &message.body {
        Body::Bytes(bytes) => Cow::Borrowed(bytes),
        Body::Absent if expected.is_stream => Cow::Borrowed(&[]),
        Body::Absent | Body::Withheld(_) | Body::Document(_) => return true,
    };
    let encoding = header(&message.headers, "grpc-encoding").unwrap_or_default();
    let read = expected.document(&bytes, encoding);
    let fits = read.is_ok();
    message.body = read.map_or_else(Body::Withheld, Body::Document);
    fits
}

#[cfg(test)]
mod tests;
