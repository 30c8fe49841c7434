//! The locks of tables, by how much they keep others out.
//!
//! Refuses to know who holds them.

/// A mode of a lock on a relation, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lock {
    /// A read.
    AccessShare,
    /// A read that locks rows.
    RowShare,
    /// A write.
    RowExclusive,
    /// Keeps out other changes of the schema, and vacuum.
    ShareUpdateExclusive,
    /// Keeps out writes.
    Share,
    /// Keeps out writes and its like.
    ShareRowExclusive,
    /// Keeps out everything but reads.
    Exclusive,
    /// Keeps out everybody.
    AccessExclusive,
}

const NAMES: [(&str, Lock); 8] = [
    ("AccessShare", Lock::AccessShare),
    ("RowShare", Lock::RowShare),
    ("RowExclusive", Lock::RowExclusive),
    ("ShareUpdateExclusive", Lock::ShareUpdateExclusive),
    ("Share", Lock::Share),
    ("ShareRowExclusive", Lock::ShareRowExclusive),
    ("Exclusive", Lock::Exclusive),
    ("AccessExclusive", Lock::AccessExclusive),
];

impl Lock {
    /// Reads a mode, with or without the `Lock` that the server writes behind it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_suffix("Lock").unwrap_or(text);
        NAMES.iter().find(|(name, _)| *name == text).map(|(_, lock)| *lock)
    }

    /// Its name in the server's words.
    #[must_use]
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, lock)| *lock == self).map_or("", |(name, _)| *name)
    }

    /// Whether others wait who only write rows, or only read them.
    #[must_use]
    pub const fn is_blocking(self) -> bool {
        matches!(
            self,
            Self::Share | Self::ShareRowExclusive | Self::Exclusive | Self::AccessExclusive
        )
    }

    /// Whether readers wait as well.
    #[must_use]
    pub const fn is_blocking_reads(self) -> bool {
        matches!(self, Self::AccessExclusive)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_read_as_the_server_writes_them() {
        assert_eq!(Lock::parse("ShareRowExclusiveLock"), Some(Lock::ShareRowExclusive));
        assert_eq!(Lock::parse("AccessExclusive"), Some(Lock::AccessExclusive));
        assert_eq!(Lock::parse("SIReadLock"), None);
        assert!(Lock::Share.is_blocking() && !Lock::ShareUpdateExclusive.is_blocking());
    }
}
