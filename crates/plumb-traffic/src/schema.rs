//! Payloads that only their schema can read, turned into JSON, so that the same fold takes them. It
//! refuses to know who sent them, and never guesses: what does not fit the schema is withheld.

pub mod avro;
mod avro_type;
pub mod grpc;
pub mod grpc_answer;
pub mod grpc_frame;
pub mod protobuf;
mod protobuf_wire;
pub mod protobuf_write;
pub mod reflection;
pub mod refusal;

use crate::schema::avro::Avro;
use crate::schema::protobuf::Protobuf;

/// How payloads are read.
#[derive(Debug, Clone)]
pub enum Schema {
    /// Data of Avro, bare or behind the header of a registry.
    Avro(Avro),
    /// A message of Protobuf, bare or behind the header of a registry.
    Protobuf(Protobuf),
}

impl Schema {
    /// The payload as JSON. Numbers of 64 bits are numbers, bytes are base64, and what is not on
    /// the wire is not in the text.
    ///
    /// # Errors
    /// Why the payload does not fit the schema, or the bound it is beyond.
    pub fn to_json(&self, payload: &[u8]) -> Result<Vec<u8>, &'static str> {
        match self {
            Self::Avro(avro) => avro.to_json(payload),
            Self::Protobuf(protobuf) => protobuf.to_json(payload),
        }
    }
}
