//! A connection whose first byte was looked at, to tell whether TLS begins there. It refuses to
//! know what follows.

use std::io;

use tokio::io::{
    AsyncRead, AsyncReadExt as _, AsyncWrite, Chain, Join, ReadHalf, WriteHalf, join, split,
};

/// The first byte of a handshake (RFC 8446, section 5.1: a record of the type `handshake`).
const HANDSHAKE: u8 = 22;

/// The connection as if nobody had looked.
pub type Peeked<S> = Join<Chain<io::Cursor<Vec<u8>>, ReadHalf<S>>, WriteHalf<S>>;

/// Waits for the first byte; gives the connection with it, and whether it begins TLS.
///
/// # Errors
/// The connection broke, or ended before its first byte.
pub async fn peeked<S>(stream: S) -> io::Result<(Peeked<S>, bool)>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (mut reader, writer) = split(stream);
    let first = reader.read_u8().await?;
    let whole = io::Cursor::new(vec![first]).chain(reader);
    Ok((join(whole, writer), first == HANDSHAKE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncWriteExt as _;

    async fn check(sent: &[u8], expected: bool) {
        let (mut near, far) = tokio::io::duplex(64);
        near.write_all(sent).await.unwrap();
        let (mut seen, is_tls) = peeked(far).await.unwrap();
        assert_eq!(is_tls, expected);
        seen.write_all(b"back").await.unwrap();
        drop(near.shutdown().await);
        let mut all = Vec::new();
        seen.read_to_end(&mut all).await.unwrap();
        assert_eq!(all, sent);
        let mut back = [0; 4];
        near.read_exact(&mut back).await.unwrap();
        assert_eq!(&back, b"back");
    }

    #[tokio::test]
    async fn nothing_is_lost_by_looking() {
        check(b"\x16\x03\x01", true).await;
        check(b"PRI * HTTP/2.0", false).await;
        let (near, far) = tokio::io::duplex(1);
        drop(near);
        assert!(peeked(far).await.is_err());
    }
}
