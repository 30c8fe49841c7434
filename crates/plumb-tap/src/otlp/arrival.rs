//! A request's bytes while they arrive: no byte is held that was not claimed before. It refuses to
//! know what they say.

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use super::refusal::Refusal;
use super::room::Claim;

/// Bytes claimed at first, whatever length was announced: who announces much may send nothing.
const FIRST_BYTES_MAX: usize = 128 * 1_024;

/// How many times as much is claimed where the first is not enough: towards a length that was
/// announced in few steps, since while bytes move they take their room twice.
const TIMES: usize = 2;
const TIMES_ANNOUNCED: usize = 8;

/// Bytes that grow under a claim.
#[derive(Debug)]
pub(crate) struct Held {
    bytes: Vec<u8>,
    claim: Claim,
    bytes_max: usize,
    /// How many there will be, as far as that is known.
    expected: usize,
}

impl Held {
    /// Nothing yet.
    pub(crate) fn new(claim: Claim, bytes_max: usize, expected: usize) -> Self {
        Self { bytes: Vec::new(), claim, bytes_max, expected }
    }

    /// Makes room for so many bytes more.
    ///
    /// # Errors
    /// When they would be too many, or too many are held already.
    pub(crate) fn make_room(&mut self, more: usize) -> Result<(), Refusal> {
        let needed = self.bytes.len().saturating_add(more);
        if needed > self.bytes_max {
            return Err(Refusal::TooLarge(self.bytes_max));
        }
        let capacity = self.bytes.capacity();
        if needed > capacity {
            let grown = |times: usize| capacity.saturating_mul(times).max(FIRST_BYTES_MAX);
            let wanted = if self.expected < needed {
                grown(TIMES)
            } else {
                grown(TIMES_ANNOUNCED).min(self.expected)
            };
            let wanted = wanted.min(self.bytes_max).max(needed);
            self.claim.grow_to(wanted)?;
            self.bytes.reserve_exact(wanted - self.bytes.len());
        }
        Ok(())
    }

    /// Adds bytes.
    ///
    /// # Errors
    /// As [`Self::make_room`].
    pub(crate) fn add(&mut self, chunk: &[u8]) -> Result<(), Refusal> {
        self.make_room(chunk.len())?;
        self.bytes.extend_from_slice(chunk);
        Ok(())
    }

    /// The bytes, and the claim to them, which whoever holds them keeps.
    pub(crate) fn into_parts(mut self) -> (Bytes, Claim) {
        // They may wait for long, and are counted by their length then.
        if self.bytes.capacity() > self.bytes.len() + self.bytes.len() / 8 {
            self.bytes.shrink_to_fit();
        }
        (self.bytes.into(), self.claim)
    }
}

/// All of a payload.
///
/// # Errors
/// When it ends early, is too large, or finds no room.
pub(crate) async fn gather(
    mut body: Incoming,
    claim: Claim,
    bytes_max: usize,
) -> Result<(Bytes, Claim), Refusal> {
    let announced = body.size_hint().lower();
    let announced = usize::try_from(announced).unwrap_or(usize::MAX);
    if announced > bytes_max {
        return Err(Refusal::TooLarge(bytes_max));
    }
    let mut held = Held::new(claim, bytes_max, announced);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refusal::BrokenOff)?;
        if let Some(data) = frame.data_ref() {
            held.add(data)?;
        }
    }
    Ok(held.into_parts())
}
