//! Questions about groups, which the client of Kafka does not ask: put to one broker at a time, in
//! versions that brokers know from 0.11 on. It refuses to know what becomes of the answers.

use std::io;
use std::sync::Arc;

use rustls_pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::hand::Hand;
use crate::kafka_words::{Answer, Question, Short};

/// Bytes of one answer: those of thousands of groups, or of as many partitions.
const ANSWER_BYTES_MAX: u32 = 16 * 1_024 * 1_024;

/// What is asked, and in which version.
const METADATA: (i16, i16) = (3, 1);
const OFFSET_FETCH: (i16, i16) = (9, 2);
const FIND_COORDINATOR: (i16, i16) = (10, 0);
const LIST_GROUPS: (i16, i16) = (16, 0);
const SASL_HANDSHAKE: (i16, i16) = (17, 1);
const SASL_AUTHENTICATE: (i16, i16) = (36, 0);

/// The kind of group that consumers form; others share work of other kinds.
const CONSUMERS: &str = "consumer";

/// Why a question was not answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AskError {
    /// The connection failed.
    #[error(transparent)]
    Network(#[from] io::Error),
    /// The broker answered with an error of the protocol.
    #[error("the broker refuses: {0}")]
    Refused(Code),
    /// The answer breaks off.
    #[error(transparent)]
    Short(#[from] Short),
    /// What came is no answer.
    #[error("the broker's answer is {0}")]
    Answer(&'static str),
}

/// The number of an error of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Code(i16);

impl std::fmt::Display for Code {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let known = match self.0 {
            14 => "it is still loading what the group has read",
            15 => "nobody coordinates the group now",
            16 => "another broker coordinates the group now",
            29 => "the user may not describe the topic",
            30 => "the user may not describe the group",
            31 => "the user may not describe the cluster",
            33 => "nobody logs in there with a plain password",
            58 => "the user or the password is wrong",
            code => return write!(out, "error {code} of Kafka's protocol"),
        };
        out.write_str(known)
    }
}

/// A broker's host and port.
pub(crate) type Address = (String, u16);

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A connection with one broker. After an error it is of no more use.
pub(crate) struct Asking {
    stream: Box<dyn Stream>,
    asked: i32,
}

impl Asking {
    /// Connects, and logs in where the address of the tap says so.
    ///
    /// # Errors
    /// [`AskError`] if the broker cannot be reached, or lets nobody in.
    pub(crate) async fn connect(hand: &Hand, (host, port): &Address) -> Result<Self, AskError> {
        let plain = TcpStream::connect((host.as_str(), *port)).await?;
        let stream: Box<dyn Stream> = match &hand.authority {
            Some(authority) if hand.endpoint.is_tls => {
                let name = ServerName::try_from(host.clone()).map_err(io::Error::other)?;
                let connector = TlsConnector::from(Arc::clone(&authority.config));
                Box::new(connector.connect(name, plain).await?)
            }
            _ => Box::new(plain),
        };
        let mut asking = Self { stream, asked: 0 };
        asking.log_in(hand).await?;
        Ok(asking)
    }

    async fn log_in(&mut self, hand: &Hand) -> Result<(), AskError> {
        let Some(user) = &hand.endpoint.user else { return Ok(()) };
        let mut question = self.question(SASL_HANDSHAKE);
        question.text("PLAIN");
        refused(self.ask(question).await?.short()?)?;
        let password = hand.endpoint.password.as_ref().map_or("", |password| password.text());
        let mut question = self.question(SASL_AUTHENTICATE);
        question.bytes(format!("\0{user}\0{password}").as_bytes());
        refused(self.ask(question).await?.short()?)
    }

    /// The brokers of the cluster.
    ///
    /// # Errors
    /// [`AskError`] if they are not told.
    pub(crate) async fn brokers(&mut self) -> Result<Vec<Address>, AskError> {
        let mut question = self.question(METADATA);
        // About no topic; all are meant where the list is not there.
        question.count(0);
        let brokers = self.ask(question).await?.list(|answer| {
            answer.number()?;
            let address = (answer.text()?, answer.number()?);
            answer.text()?;
            Ok(address)
        })?;
        brokers.into_iter().map(address).collect()
    }

    /// The groups of consumers that this broker coordinates, as far as the user may know them.
    ///
    /// # Errors
    /// [`AskError`] if they are not told.
    pub(crate) async fn groups(&mut self) -> Result<Vec<String>, AskError> {
        let question = self.question(LIST_GROUPS);
        let mut answer = self.ask(question).await?;
        refused(answer.short()?)?;
        let groups = answer.list(|answer| Ok((answer.text()?, answer.text()?)))?;
        let groups = groups.into_iter().filter(|(_, kind)| kind == CONSUMERS);
        Ok(groups.map(|(group, _)| group).collect())
    }

    /// The broker that coordinates a group.
    ///
    /// # Errors
    /// [`AskError`] if it is not told.
    pub(crate) async fn coordinator(&mut self, group: &str) -> Result<Address, AskError> {
        let mut question = self.question(FIND_COORDINATOR);
        question.text(group);
        let mut answer = self.ask(question).await?;
        refused(answer.short()?)?;
        answer.number()?;
        address((answer.text()?, answer.number()?))
    }

    /// What a group that this broker coordinates has read of partitions of a topic: their numbers,
    /// each with the offset that comes next. Partitions of which it read nothing are left out.
    ///
    /// # Errors
    /// [`AskError`] if it is not told.
    pub(crate) async fn committed(
        &mut self,
        group: &str,
        topic: &str,
        partitions: &[i32],
    ) -> Result<Vec<(i32, i64)>, AskError> {
        let mut question = self.question(OFFSET_FETCH);
        question.text(group);
        question.count(1);
        question.text(topic);
        question.count(partitions.len());
        partitions.iter().for_each(|partition| question.number(*partition));
        let mut answer = self.ask(question).await?;
        let topics = answer.list(|answer| {
            answer.text()?;
            answer.list(|answer| {
                let read = (answer.number()?, answer.long()?);
                answer.text()?;
                Ok((read, answer.short()?))
            })
        })?;
        refused(answer.short()?)?;
        let read = topics.into_iter().flatten();
        let read = read.filter(|((_, next), error)| *next >= 0 && *error == 0);
        Ok(read.map(|(read, _)| read).collect())
    }

    fn question(&mut self, what: (i16, i16)) -> Question {
        self.asked = self.asked.wrapping_add(1);
        Question::new(what, self.asked)
    }

    /// What the broker answers to the question begun last.
    async fn ask(&mut self, question: Question) -> Result<Answer, AskError> {
        self.stream.write_all(&question.sent()).await?;
        self.stream.flush().await?;
        let size = self.stream.read_u32().await?;
        if size > ANSWER_BYTES_MAX {
            return Err(AskError::Answer("larger than any that is read"));
        }
        let mut bytes = Vec::new();
        (&mut self.stream).take(size.into()).read_to_end(&mut bytes).await?;
        let mut answer = Answer::of(bytes);
        if answer.number()? != self.asked {
            return Err(AskError::Answer("one to another question"));
        }
        Ok(answer)
    }
}

fn address((host, port): (String, i32)) -> Result<Address, AskError> {
    let port = u16::try_from(port).map_err(|_| AskError::Answer("a port that is none"))?;
    Ok((host, port))
}

fn refused(code: i16) -> Result<(), AskError> {
    if code == 0 { Ok(()) } else { Err(AskError::Refused(Code(code))) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hand::tests::hand;
    use crate::options::Options;
    use tokio::io::{DuplexStream, duplex};

    fn asking() -> (Asking, DuplexStream) {
        let (stream, broker) = duplex(1_024);
        (Asking { stream: Box::new(stream), asked: 0 }, broker)
    }

    /// The groups that an answer lists, or what is said of it; the connection ends with it.
    async fn check(answer: &[u8], expected: Result<&[&str], &str>) {
        let (mut asking, mut broker) = asking();
        broker.write_all(answer).await.unwrap();
        broker.shutdown().await.unwrap();
        let found = asking.groups().await.map_err(|err| err.to_string());
        let expected = expected.map(|all| all.iter().map(|&it| it.to_owned()).collect());
        assert_eq!(found, expected.map_err(str::to_owned));
    }

    #[tokio::test]
    async fn answers_are_read_or_refused() {
        let groups =
            b"\0\0\0\x24\0\0\0\x01\0\0\0\0\0\x02\0\x02ab\0\x08consumer\0\x01c\0\x07connect";
        check(groups, Ok(&["ab"])).await;
        check(&groups[..20], Err("the broker's answer breaks off")).await;
        check(b"", Err("unexpected end of file")).await;
        check(b"\xff\xff\xff\xff", Err("the broker's answer is larger than any that is read"))
            .await;
        let other = Err("the broker's answer is one to another question");
        check(b"\0\0\0\x0a\0\0\0\x02\0\0\0\0\0\0", other).await;
        let refused = Err("the broker refuses: the user may not describe the cluster");
        check(b"\0\0\0\x0a\0\0\0\x01\0\x1f\0\0\0\0", refused).await;
    }

    #[tokio::test]
    async fn a_user_logs_in_with_the_password_in_plain() {
        let (mut asking, mut broker) = asking();
        // A list of mechanisms, then no words and no ticket; neither with an error.
        broker.write_all(b"\0\0\0\x0a\0\0\0\x01\0\0\0\0\0\0").await.unwrap();
        broker.write_all(b"\0\0\0\x0c\0\0\0\x02\0\0\xff\xff\0\0\0\0").await.unwrap();
        let (hand, _taking) = hand("kafka://me:hunter2@h/orders", Options::default());
        asking.log_in(&hand).await.unwrap();
        drop(asking);
        let mut told = Vec::new();
        broker.read_to_end(&mut told).await.unwrap();
        let handshake = b"\0\0\0\x16\0\x11\0\x01\0\0\0\x01\0\x05plumb\0\x05PLAIN";
        let login = b"\0\0\0\x1e\0\x24\0\0\0\0\0\x02\0\x05plumb\0\0\0\x0b\0me\0hunter2";
        assert_eq!(told, [handshake.as_slice(), login].concat());
    }
}
