//! The copy of a payload while it passes. It is a copy indeed: a piece shared with the connection
//! would hold on to the whole buffer it was read into, many times what is counted, and keep the
//! connection from using that again. A payload that turns out longer than a bound is not kept at
//! all: the beginning of a document tells nothing of what is absent from it. It refuses to know
//! whose payload it is and when it ends.

use bytes::{Bytes, BytesMut};

use crate::captured::{Extent, Payload};

/// Bytes of a piece of a copy. Copies are made on one thread and let go of on another; an allocator
/// uses pieces of one moderate size again much sooner than payloads of any size.
const PIECE_BYTES: usize = 16 * 1_024;

/// A payload, growing.
#[derive(Debug)]
pub(crate) struct Keeping {
    full: Vec<Bytes>,
    last: BytesMut,
    room: usize,
    extent: Extent,
}

impl Keeping {
    /// For a payload of at most so many bytes.
    pub(crate) fn up_to(bytes_max: usize) -> Self {
        Self { full: Vec::new(), last: BytesMut::new(), room: bytes_max, extent: Extent::Whole }
    }

    /// Bytes that may still be kept.
    pub(crate) fn room(&self) -> usize {
        self.room
    }

    /// Lets go of everything, and keeps nothing from here on.
    pub(crate) fn cut(&mut self) {
        *self = Self { extent: Extent::Cut, ..Self::up_to(0) };
    }

    /// Keeps the chunk if there is room for it. `remaining` is how much is known to come, the chunk
    /// among it.
    pub(crate) fn keep(&mut self, chunk: &Bytes, remaining: Option<u64>) {
        if chunk.len() > self.room {
            return self.cut();
        }
        self.room -= chunk.len();
        let announced = remaining.and_then(|bytes| usize::try_from(bytes).ok());
        let mut to_come = announced.unwrap_or_default().max(chunk.len());
        let mut rest = &chunk[..];
        while !rest.is_empty() {
            if self.last.len() == self.last.capacity() {
                let next = BytesMut::with_capacity(to_come.min(PIECE_BYTES));
                let full = std::mem::replace(&mut self.last, next);
                self.full.extend(Some(full.freeze()).filter(|full| !full.is_empty()));
            }
            let space = self.last.capacity() - self.last.len();
            let (here, later) = rest.split_at(rest.len().min(space));
            self.last.extend_from_slice(here);
            to_come -= here.len();
            rest = later;
        }
    }

    /// What was kept of a payload that ended as it should.
    pub(crate) fn ended(self) -> Payload {
        let last = Some(self.last.freeze()).filter(|last| !last.is_empty());
        Payload { chunks: self.full.into_iter().chain(last).collect(), extent: self.extent }
    }

    /// What was kept of a payload that ended early.
    pub(crate) fn broken(mut self) -> Payload {
        self.extent = Extent::Broken;
        self.ended()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: usize = 50_000;

    fn check(lengths: &[usize], extent: Extent) {
        let mut keeping = Keeping::up_to(ROOM);
        let whole: Vec<u8> = (0..=u8::MAX).cycle().take(lengths.iter().sum()).collect();
        let mut rest = Bytes::from(whole.clone());
        for length in lengths {
            let remaining = rest.len() as u64;
            keeping.keep(&rest.split_to(*length), Some(remaining));
        }
        let payload = keeping.ended();
        assert_eq!(payload.extent, extent, "{lengths:?}");
        let kept = payload.chunks.concat();
        assert!(if extent == Extent::Whole { kept == whole } else { kept.is_empty() });
    }

    #[test]
    fn what_fits_is_kept_whole() {
        check(&[], Extent::Whole);
        check(&[0], Extent::Whole);
        check(&[1, 25_000, 0, 3], Extent::Whole);
        check(&[ROOM, 0], Extent::Whole);
    }

    #[test]
    fn what_is_longer_than_the_bound_is_not_kept() {
        check(&[ROOM, 1], Extent::Cut);
        check(&[1, ROOM], Extent::Cut);
        check(&[45_000, 25_000, 0, 1], Extent::Cut);
    }

    #[test]
    fn no_more_memory_is_taken_than_is_announced() {
        let capacity = |announced| {
            let mut keeping = Keeping::up_to(ROOM);
            keeping.keep(&Bytes::from_static(b"ab"), Some(announced));
            keeping.last.capacity()
        };
        assert!((5_000..6_000).contains(&capacity(5_000)));
        assert!(capacity(u64::MAX) <= 2 * PIECE_BYTES);
    }
}
