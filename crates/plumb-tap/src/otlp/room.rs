//! Room for bytes that several hold at once: claimed before they are held, given back by whoever
//! drops them. Nobody waits for room. It refuses to know what the bytes are.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Room for so many bytes.
#[derive(Debug)]
pub(crate) struct Room {
    held: AtomicUsize,
    bytes_max: usize,
}

/// A part of the room, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Claim {
    room: Arc<Room>,
    bytes: usize,
}

/// There is no room for what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NoRoom;

impl Room {
    pub(crate) fn new(bytes_max: usize) -> Arc<Self> {
        Arc::new(Self { held: AtomicUsize::new(0), bytes_max })
    }

    /// A claim to so many bytes, where there is room for them, or where they are alone: what is
    /// larger than the room must not be kept out for ever.
    ///
    /// # Errors
    /// [`NoRoom`].
    pub(crate) fn enter(self: &Arc<Self>, bytes: usize) -> Result<Claim, NoRoom> {
        let held = self.held.fetch_add(bytes, Relaxed);
        let claim = Claim { room: Arc::clone(self), bytes };
        let is_in = held == 0 || held.saturating_add(bytes) <= self.bytes_max;
        is_in.then_some(claim).ok_or(NoRoom)
    }

    /// A claim to nothing yet.
    pub(crate) fn claim(self: &Arc<Self>) -> Claim {
        Claim { room: Arc::clone(self), bytes: 0 }
    }
}

impl Claim {
    /// Claims so many bytes in all, and no fewer than before.
    ///
    /// # Errors
    /// [`NoRoom`]; the claim stays as it was.
    pub(crate) fn grow_to(&mut self, bytes: usize) -> Result<(), NoRoom> {
        let more = bytes.saturating_sub(self.bytes);
        let held = self.room.held.fetch_add(more, Relaxed);
        if held.saturating_add(more) > self.room.bytes_max {
            self.room.held.fetch_sub(more, Relaxed);
            return Err(NoRoom);
        }
        self.bytes += more;
        Ok(())
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.room.held.fetch_sub(self.bytes, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_claimed_than_there_is() {
        let room = Room::new(10);
        let (mut one, mut other) = (room.claim(), room.claim());
        assert_eq!(one.grow_to(6), Ok(()));
        assert_eq!(other.grow_to(5), Err(NoRoom));
        assert_eq!(other.grow_to(4), Ok(()));
        assert_eq!(one.grow_to(3), Ok(()));
        assert_eq!(one.grow_to(7), Err(NoRoom));
        drop(other);
        assert_eq!(one.grow_to(10), Ok(()));
        drop(one);
        assert_eq!(room.claim().grow_to(10), Ok(()));
    }

    #[test]
    fn what_is_alone_is_always_let_in() {
        let room = Room::new(10);
        let large = room.enter(11).unwrap();
        assert_eq!(room.enter(1).unwrap_err(), NoRoom);
        drop(large);
        let _small = room.enter(9).unwrap();
        let _smaller = room.enter(1).unwrap();
        assert_eq!(room.enter(1).unwrap_err(), NoRoom);
    }
}
