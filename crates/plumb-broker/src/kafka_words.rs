//! Questions and answers of Kafka's protocol as bytes, in versions before their fields could be
//! left out: numbers from the largest byte on, texts and lists behind their length.
//!
//! The format is that of <https://kafka.apache.org/protocol>. The client of Kafka has no words for
//! groups, and libraries that have them keep room for as many members as a list claims, so that a
//! broker could end the process with a number. Here a list costs nothing before its members are
//! there. It refuses to know connections, and what is asked.

use bytes::{Buf as _, BufMut as _, Bytes, TryGetError};

/// How the tap calls itself.
const CLIENT: &str = "plumb";

/// A question, as far as it is written.
#[derive(Debug)]
pub(crate) struct Question(Vec<u8>);

impl Question {
    /// Begins a question: what is asked, in which version, and the number it is answered by.
    pub(crate) fn new((key, version): (i16, i16), number: i32) -> Self {
        let mut question = Self(Vec::new());
        question.0.put_i16(key);
        question.0.put_i16(version);
        question.0.put_i32(number);
        question.text(CLIENT);
        question
    }

    pub(crate) fn number(&mut self, number: i32) {
        self.0.put_i32(number);
    }

    /// Texts come out of addresses and answers, which are shorter than a text may be; a longer one
    /// is cut, and then names nothing.
    pub(crate) fn text(&mut self, text: &str) {
        let kept = text.floor_char_boundary(i16::MAX.unsigned_abs().into());
        self.0.put_u16(u16::try_from(kept).unwrap_or_default());
        self.0.put_slice(&text.as_bytes()[..kept]);
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.put_slice(bytes);
    }

    /// The length of a list, whose members follow.
    pub(crate) fn count(&mut self, count: usize) {
        self.0.put_u32(u32::try_from(count).unwrap_or_default());
    }

    /// All of it, behind its length.
    pub(crate) fn sent(self) -> Vec<u8> {
        let mut sent = Vec::with_capacity(size_of::<u32>() + self.0.len());
        sent.put_u32(u32::try_from(self.0.len()).unwrap_or_default());
        sent.extend(self.0);
        sent
    }
}

/// Why an answer cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the broker's answer breaks off")]
pub(crate) struct Short;

impl From<TryGetError> for Short {
    fn from(_: TryGetError) -> Self {
        Self
    }
}

/// What is left of an answer.
#[derive(Debug)]
pub(crate) struct Answer(Bytes);

impl Answer {
    pub(crate) fn of(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }

    pub(crate) fn short(&mut self) -> Result<i16, Short> {
        Ok(self.0.try_get_i16()?)
    }

    pub(crate) fn number(&mut self) -> Result<i32, Short> {
        Ok(self.0.try_get_i32()?)
    }

    pub(crate) fn long(&mut self) -> Result<i64, Short> {
        Ok(self.0.try_get_i64()?)
    }

    /// A text, which is empty where there is none.
    pub(crate) fn text(&mut self) -> Result<String, Short> {
        let length = usize::try_from(self.short()?).unwrap_or_default();
        if self.0.len() < length {
            return Err(Short);
        }
        Ok(String::from_utf8_lossy(&self.0.split_to(length)).into_owned())
    }

    /// A list, read member by member.
    pub(crate) fn list<T>(
        &mut self,
        mut member: impl FnMut(&mut Self) -> Result<T, Short>,
    ) -> Result<Vec<T>, Short> {
        let count = self.number()?;
        let mut members = Vec::new();
        for _ in 0..count {
            members.push(member(self)?);
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_written_as_the_protocol_says() {
        let mut question = Question::new((9, 2), 7);
        question.text("ä");
        question.count(1);
        question.number(-1);
        question.bytes(b"\0x");
        let head = b"\0\0\0\x21\0\x09\0\x02\0\0\0\x07\0\x05plumb";
        let rest = "\0\x02ä\0\0\0\x01".as_bytes();
        assert_eq!(question.sent(), [head, rest, b"\xff\xff\xff\xff\0\0\0\x02\0x"].concat());
    }

    #[test]
    fn answers_are_read_as_far_as_they_go() {
        let read = |bytes: &[u8]| {
            let mut answer = Answer::of(bytes.to_vec());
            answer.list(|it| Ok((it.text()?, it.short()?))).ok()
        };
        let pair = |text: &str, number| (text.to_owned(), number);
        let two = b"\0\0\0\x02\0\x02ab\0\x01\xff\xff\xff\xfe";
        assert_eq!(read(two), Some(vec![pair("ab", 1), pair("", -2)]));
        assert_eq!(read(&two[..13]), None);
        assert_eq!(read(b"\x7f\xff\xff\xff\0\x01a\0\x01"), None);
        assert_eq!(read(b"\xff\xff\xff\xff"), Some(Vec::new()));
    }
}
