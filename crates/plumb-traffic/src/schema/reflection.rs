//! What a server of gRPC says of its own services when it is asked: first which there are, then the
//! files that describe each, then what those import. It refuses to know how questions travel.

use std::collections::{BTreeMap, BTreeSet};

use crate::schema::grpc::{Services, from_descriptors};
use crate::schema::grpc_frame::{framed, messages};
use crate::schema::protobuf_wire::{Wire, next};
use crate::schema::refusal::{CUT, SchemaError, TOO_MUCH};

/// Where questions go, the present version of the protocol first.
pub const PATHS: [&str; 2] = [
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];

/// Bytes of one answer, and of all files together. The largest public interfaces take a few
/// megabytes.
pub const BYTES_MAX: usize = 32 * 1_024 * 1_024;

/// Questions asked of one server: a service takes one, a file that did not come by itself another.
const QUESTIONS_MAX: usize = 4_096;

/// Services that only answer such questions.
const OWN_SERVICES: &str = "grpc.reflection.";

/// Fields of a question.
const FILE_BY_NAME: u8 = 3;
const FILE_OF_SYMBOL: u8 = 4;
const LIST_SERVICES: u8 = 7;

/// Fields of an answer.
const FILES: u32 = 4;
const SERVICES: u32 = 6;

/// A conversation with a server: give what [`Self::question`] says to it, and its answers to
/// [`Self::answered`], until there is no question any more.
#[derive(Debug)]
pub struct Conversation {
    /// Field and text of each question to come.
    waiting: Vec<(u8, String)>,
    /// Asked for, or there.
    known: BTreeSet<String>,
    files: BTreeMap<String, Vec<u8>>,
    bytes: usize,
    asked: usize,
}

impl Default for Conversation {
    fn default() -> Self {
        Self {
            waiting: vec![(LIST_SERVICES, String::new())],
            known: BTreeSet::new(),
            files: BTreeMap::new(),
            bytes: 0,
            asked: 0,
        }
    }
}

impl Conversation {
    /// The next question as the body of a request; none if everything is known.
    pub fn question(&mut self) -> Option<Vec<u8>> {
        let (field, text) = loop {
            let (field, text) = self.waiting.pop()?;
            // What came with an answer in the meantime is not asked for.
            if field != FILE_BY_NAME || !self.files.contains_key(&text) {
                break (field, text);
            }
        };
        self.asked += 1;
        let mut message = vec![field << 3 | 2];
        put_varint(&mut message, text.len());
        message.extend(text.as_bytes());
        Some(framed(&message))
    }

    /// Takes the body of a response. A file that the server does not give is missing in the end.
    ///
    /// # Errors
    /// Why it is no answer, or the bound it is beyond.
    pub fn answered(&mut self, body: &[u8], encoding: &str) -> Result<(), &'static str> {
        for message in messages(body, encoding)? {
            let mut rest: &[u8] = &message;
            while let Some((number, wire)) = next(&mut rest)? {
                match (number, wire) {
                    (FILES, Wire::Bytes(files)) => self.take_files(files)?,
                    (SERVICES, Wire::Bytes(services)) => self.take_services(services)?,
                    _ => {}
                }
            }
        }
        if self.asked + self.waiting.len() > QUESTIONS_MAX { Err(TOO_MUCH) } else { Ok(()) }
    }

    /// The services of everything that was answered.
    ///
    /// # Errors
    /// [`SchemaError`] if the files do not go together.
    pub fn services(self) -> Result<Services, SchemaError> {
        // A set of descriptors is nothing but its files, each in the field with this number.
        const FILE: u8 = 1;
        let mut set = Vec::with_capacity(self.bytes);
        for file in self.files.values() {
            set.push(FILE << 3 | 2);
            put_varint(&mut set, file.len());
            set.extend(file);
        }
        from_descriptors(&set)
    }

    fn take_services(&mut self, mut rest: &[u8]) -> Result<(), &'static str> {
        while let Some((number, wire)) = next(&mut rest)? {
            let (1, Wire::Bytes(service)) = (number, wire) else { continue };
            let name = texts(service, 1)?.pop().unwrap_or_default();
            if !name.is_empty() && !name.starts_with(OWN_SERVICES) {
                self.ask(FILE_OF_SYMBOL, name);
            }
        }
        Ok(())
    }

    fn take_files(&mut self, mut rest: &[u8]) -> Result<(), &'static str> {
        // Fields of a file's description.
        const NAME: u32 = 1;
        const IMPORT: u32 = 3;
        while let Some((number, wire)) = next(&mut rest)? {
            let (1, Wire::Bytes(file)) = (number, wire) else { continue };
            let name = texts(file, NAME)?.pop().ok_or(CUT)?;
            if self.files.contains_key(&name) {
                continue;
            }
            self.bytes += file.len();
            if self.bytes > BYTES_MAX {
                return Err(TOO_MUCH);
            }
            self.files.insert(name, file.to_owned());
            for import in texts(file, IMPORT)? {
                self.ask(FILE_BY_NAME, import);
            }
        }
        Ok(())
    }

    fn ask(&mut self, field: u8, text: String) {
        if self.known.insert(text.clone()) {
            self.waiting.push((field, text));
        }
    }
}

/// The texts in this field of a message.
fn texts(mut rest: &[u8], field: u32) -> Result<Vec<String>, &'static str> {
    let mut texts = Vec::new();
    while let Some((number, wire)) = next(&mut rest)? {
        if let (true, Wire::Bytes(text)) = (number == field, wire) {
            texts.push(String::from_utf8_lossy(text).into_owned());
        }
    }
    Ok(texts)
}

fn put_varint(bytes: &mut Vec<u8>, number: usize) {
    let mut rest = number;
    while rest >= 0x80 {
        bytes.push(u8::try_from(rest & 0x7f).unwrap_or_default() | 0x80);
        rest >>= 7;
    }
    bytes.push(u8::try_from(rest).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(number: u8, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![number << 3 | 2];
        put_varint(&mut bytes, content.len());
        bytes.extend(content);
        bytes
    }

    fn file(name: &str, imports: &[&str]) -> Vec<u8> {
        let mut file = field(1, name.as_bytes());
        imports.iter().for_each(|import| file.extend(field(3, import.as_bytes())));
        file
    }

    fn given(files: &[Vec<u8>]) -> Vec<u8> {
        let files: Vec<u8> = files.iter().flat_map(|file| field(1, file)).collect();
        framed(&field(4, &files))
    }

    #[test]
    fn a_conversation_goes_on_until_nothing_is_missing() {
        let mut talk = Conversation::default();
        assert_eq!(talk.question(), Some(framed(&field(7, b""))));
        let named = |name: &str| field(1, &field(1, name.as_bytes()));
        let named = [named("shop.Orders"), named("grpc.reflection.v1.ServerReflection")].concat();
        talk.answered(&framed(&field(6, &named)), "").unwrap();
        assert_eq!(talk.question(), Some(framed(&field(4, b"shop.Orders"))));
        let come = [file("orders.proto", &["money.proto", "time.proto"]), file("time.proto", &[])];
        talk.answered(&given(&come), "").unwrap();
        assert_eq!(talk.question(), Some(framed(&field(3, b"money.proto"))));
        talk.answered(&given(&[file("money.proto", &["time.proto"])]), "").unwrap();
        assert_eq!(talk.question(), None);
        assert_eq!(talk.services().unwrap().count(), 0);
    }

    #[test]
    fn what_the_server_does_not_give_is_missed_in_the_end() {
        let mut talk = Conversation::default();
        talk.question();
        talk.answered(&given(&[file("orders.proto", &["money.proto"])]), "").unwrap();
        assert!(talk.question().is_some());
        talk.answered(&framed(&field(7, &[8, 5])), "").unwrap();
        assert_eq!(talk.question(), None);
        assert!(talk.services().is_err());
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        let mut talk = Conversation::default();
        assert_eq!(talk.answered(&[0, 0], ""), Err(CUT));
        let many: Vec<u8> = (0..=QUESTIONS_MAX)
            .flat_map(|number| field(1, &field(1, format!("s{number}").as_bytes())))
            .collect();
        assert_eq!(talk.answered(&framed(&field(6, &many)), ""), Err(TOO_MUCH));
    }
}
