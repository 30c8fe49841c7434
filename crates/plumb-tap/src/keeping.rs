//! The copy of a payload while it passes. It is a copy indeed: a piece shared with the connection
//! would hold on to the whole buffer it was read into, many times what is counted, and keep the
//! connection from using that again. A payload that turns out longer than a bound is not kept at
//! all: the beginning of a document tells nothing of what is absent from it. It refuses to know
//! whose payload it is and when it ends.

use crate::record::{Extent, Payload, Span};

/// Bytes of a piece of a copy. Copies are made on one thread and let go of on another; an allocator
/// uses pieces of one moderate size again much sooner than payloads of any size.
const PIECE_BYTES: usize = 16 * 1_024;

/// Bytes of a payload that is short: copying it again costs less than handing over what holds it.
const SHORT_BYTES_MAX: usize = 4 * 1_024;

/// A payload, growing.
#[derive(Debug)]
pub(crate) struct Keeping {
    kept: Kept,
    room: usize,
}

/// What was kept of a payload.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    full: Vec<Vec<u8>>,
    last: Vec<u8>,
    extent: Extent,
}

impl Keeping {
    /// For a payload of at most so many bytes.
    pub(crate) fn up_to(bytes_max: usize) -> Self {
        Self { kept: Kept::NONE, room: bytes_max }
    }

    /// Bytes that may still be kept.
    pub(crate) fn room(&self) -> usize {
        self.room
    }

    /// Lets go of everything, and keeps nothing from here on.
    pub(crate) fn cut(&mut self) {
        *self = Self { kept: Kept { extent: Extent::Cut, ..Kept::NONE }, room: 0 };
    }

    /// Keeps the chunk if there is room for it. `remaining` is how much is known to come, the chunk
    /// among it.
    pub(crate) fn keep(&mut self, chunk: &[u8], remaining: Option<u64>) {
        if chunk.len() > self.room {
            return self.cut();
        }
        self.room -= chunk.len();
        let announced = remaining.and_then(|bytes| usize::try_from(bytes).ok());
        let mut to_come = announced.unwrap_or_default().max(chunk.len());
        let Kept { full, last, .. } = &mut self.kept;
        let mut rest = chunk;
        while !rest.is_empty() {
            if last.len() == last.capacity() {
                let next = Vec::with_capacity(to_come.min(PIECE_BYTES));
                let before = std::mem::replace(last, next);
                full.extend(Some(before).filter(|before| !before.is_empty()));
            }
            let space = last.capacity() - last.len();
            let (here, later) = rest.split_at(rest.len().min(space));
            last.extend_from_slice(here);
            to_come -= here.len();
            rest = later;
        }
    }

    /// What was kept of a payload that ended as it should.
    pub(crate) fn ended(self) -> Kept {
        self.kept
    }

    /// What was kept of a payload that ended early.
    pub(crate) fn broken(self) -> Kept {
        Kept { extent: Extent::Broken, ..self.kept }
    }
}

impl Kept {
    /// No payload at all.
    pub(crate) const NONE: Self =
        Self { full: Vec::new(), last: Vec::new(), extent: Extent::Whole };

    /// How much of the payload this is.
    pub(crate) const fn extent(&self) -> Extent {
        self.extent
    }

    /// The payload beside a text, or in it if it is short.
    pub(crate) fn written(self, text: &mut Vec<u8>) -> Payload {
        let Self { full: mut pieces, last, extent } = self;
        if pieces.is_empty() && last.len() <= SHORT_BYTES_MAX {
            let short = Span::of(text, |text| text.extend_from_slice(&last));
            return Payload { short, pieces, extent };
        }
        pieces.extend(Some(last).filter(|last| !last.is_empty()));
        Payload { short: Span::default(), pieces, extent }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: usize = 50_000;

    fn check(lengths: &[usize], extent: Extent) {
        let mut keeping = Keeping::up_to(ROOM);
        let whole: Vec<u8> = (0..=u8::MAX).cycle().take(lengths.iter().sum()).collect();
        let mut rest = whole.as_slice();
        for length in lengths {
            let (chunk, later) = rest.split_at(*length);
            keeping.keep(chunk, Some(rest.len() as u64));
            rest = later;
        }
        let mut text = b"before".to_vec();
        let payload = keeping.ended().written(&mut text);
        assert_eq!(payload.extent, extent, "{lengths:?}");
        let short = payload.short.within(&text);
        let kept = if short.is_empty() { payload.pieces.concat() } else { short.to_vec() };
        assert!(if extent == Extent::Whole { kept == whole } else { kept.is_empty() });
        let is_short = text.len() > b"before".len();
        assert_eq!(is_short, !kept.is_empty() && kept.len() <= SHORT_BYTES_MAX, "{lengths:?}");
    }

    #[test]
    fn what_fits_is_kept_whole() {
        check(&[], Extent::Whole);
        check(&[0], Extent::Whole);
        check(&[1, SHORT_BYTES_MAX - 1], Extent::Whole);
        check(&[1, SHORT_BYTES_MAX], Extent::Whole);
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
            keeping.keep(b"ab", Some(announced));
            keeping.kept.last.capacity()
        };
        assert!((5_000..6_000).contains(&capacity(5_000)));
        assert!(capacity(u64::MAX) <= 2 * PIECE_BYTES);
    }
}
