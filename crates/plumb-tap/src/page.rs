//! Exchanges in a row, written by a thread that saw them end and read on another. Their text is one
//! piece of memory, filled from the front and used again: what one thread allocates and another
//! gives back, exchange by exchange, costs both more than the copying does. It refuses to know
//! where pages go.

use crate::record::{Record, Span};

/// Bytes with which a page is full. Some tens of exchanges: enough that handing it over costs each
/// of them next to nothing, few enough that it stays in a processor's cache.
const PAGE_BYTES: usize = 32 * 1_024;

/// Room for text that an empty page may keep for the next exchanges.
const ROOM_BYTES_MAX: usize = 4 * PAGE_BYTES;

/// Exchanges in a row.
#[derive(Debug, Default)]
pub(crate) struct Page {
    rows: Vec<Row>,
    text: Vec<u8>,
    weight: usize,
}

#[derive(Debug)]
struct Row {
    record: Record,
    /// Where its text begins.
    begin: usize,
}

impl Page {
    /// Roughly the memory that an exchange takes on a page, in bytes.
    fn weight_of(record: &Record, text: &[u8]) -> usize {
        let beside = record.request.payload.bytes_beside() + record.response.payload.bytes_beside();
        size_of::<Row>() + text.len() + beside
    }

    /// Writes an exchange behind the others, if all of them together take no more than so many
    /// bytes; says whether it did.
    pub(crate) fn add(&mut self, record: Record, text: &[u8], bytes_max: usize) -> bool {
        let weight = self.weight.saturating_add(Self::weight_of(&record, text));
        if weight > bytes_max {
            return false;
        }
        self.weight = weight;
        self.rows.push(Row { record, begin: self.text.len() });
        self.text.extend_from_slice(text);
        true
    }

    /// Whether it is time for another page.
    pub(crate) const fn is_full(&self) -> bool {
        self.weight >= PAGE_BYTES
    }

    /// Roughly the memory that the exchanges take, in bytes.
    pub(crate) const fn weight(&self) -> usize {
        self.weight
    }

    /// How many exchanges there are.
    pub(crate) const fn count(&self) -> usize {
        self.rows.len()
    }

    /// The exchange of this number, of which there are as many as [`Self::count`] says.
    pub(crate) fn record(&self, number: usize) -> &Record {
        &self.rows[number].record
    }

    /// What stands at a place in the text of the exchange of this number.
    pub(crate) fn text(&self, number: usize, span: Span) -> &[u8] {
        let text = self.text.get(self.rows[number].begin..);
        text.map_or(&[], |text| span.within(text))
    }

    /// The page without its exchanges.
    pub(crate) fn emptied(mut self) -> Self {
        self.rows.clear();
        self.text.clear();
        self.text.shrink_to(ROOM_BYTES_MAX);
        self.weight = 0;
        self
    }
}
