//! The copy of a payload while it passes: large chunks are shared, small ones gathered. A payload
//! that turns out longer than a bound is not kept at all: the beginning of a document tells nothing
//! of what is absent from it. It refuses to know whose payload it is and when it ends.

use bytes::{Bytes, BytesMut};

use crate::captured::{Extent, Payload};

/// Chunks up to this many bytes are copied together, longer ones are shared. A shared chunk holds
/// on to the whole buffer it was read into and keeps the connection from using that again; below
/// this size the copy is cheaper than either.
const GATHERED_BYTES_MAX: usize = 4 * 1_024;

/// A payload, growing.
#[derive(Debug)]
pub(crate) struct Keeping {
    chunks: Vec<Bytes>,
    gathered: BytesMut,
    room: usize,
    extent: Extent,
}

impl Keeping {
    pub(crate) fn up_to(bytes_max: usize) -> Self {
        Self {
            chunks: Vec::new(),
            gathered: BytesMut::new(),
            room: bytes_max,
            extent: Extent::Whole,
        }
    }

    /// Bytes that may still be kept.
    pub(crate) fn room(&self) -> usize {
        self.room
    }

    /// Lets go of everything, and keeps nothing from here on.
    pub(crate) fn cut(&mut self) {
        *self = Self { extent: Extent::Cut, ..Self::up_to(0) };
    }

    /// Keeps the chunk if there is room for it.
    pub(crate) fn keep(&mut self, chunk: &Bytes) {
        if chunk.len() > self.room {
            return self.cut();
        }
        self.room -= chunk.len();
        if chunk.len() <= GATHERED_BYTES_MAX {
            self.gathered.extend_from_slice(chunk);
        } else {
            self.settle();
            self.chunks.push(chunk.clone());
        }
    }

    /// What was kept of a payload that ended as it should.
    pub(crate) fn ended(mut self) -> Payload {
        self.settle();
        Payload { chunks: self.chunks, extent: self.extent }
    }

    /// What was kept of a payload that ended early.
    pub(crate) fn broken(mut self) -> Payload {
        self.extent = Extent::Broken;
        self.ended()
    }

    fn settle(&mut self) {
        if !self.gathered.is_empty() {
            self.chunks.push(self.gathered.split().freeze());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: usize = 10_000;

    fn check(lengths: &[usize], expected: (&[usize], Extent)) {
        let mut keeping = Keeping::up_to(ROOM);
        let whole: Vec<u8> = (0..=u8::MAX).cycle().take(lengths.iter().sum()).collect();
        let mut rest = Bytes::from(whole.clone());
        for length in lengths {
            keeping.keep(&rest.split_to(*length));
        }
        let payload = keeping.ended();
        let kept: Vec<usize> = payload.chunks.iter().map(Bytes::len).collect();
        assert_eq!((kept.as_slice(), payload.extent), expected, "{lengths:?}");
        assert!(payload.extent == Extent::Cut || whole == payload.chunks.concat());
    }

    #[test]
    fn small_chunks_are_gathered_and_large_ones_shared() {
        check(&[], (&[], Extent::Whole));
        check(&[0], (&[], Extent::Whole));
        check(&[1, 2, 3], (&[6], Extent::Whole));
        check(&[1, 5_000, 2, 3], (&[1, 5_000, 5], Extent::Whole));
    }

    #[test]
    fn what_is_longer_than_the_bound_is_not_kept() {
        check(&[ROOM], (&[ROOM], Extent::Whole));
        check(&[ROOM, 0], (&[ROOM], Extent::Whole));
        check(&[ROOM, 1], (&[], Extent::Cut));
        check(&[1, ROOM], (&[], Extent::Cut));
        check(&[9_000, 5_000, 0, 1], (&[], Extent::Cut));
    }

    #[test]
    fn large_chunks_are_not_copied() {
        let chunk = Bytes::from(vec![7; 5_000]);
        let mut keeping = Keeping::up_to(ROOM);
        keeping.keep(&chunk);
        assert_eq!(keeping.ended().chunks[0].as_ptr(), chunk.as_ptr());
    }
}
