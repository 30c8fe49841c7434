//! The smallest store that keeps every promise but durability: what the engines are measured by.

use std::collections::{BTreeMap, BTreeSet};

use crate::bounds;
use crate::column::{from_column, newest_day, to_column, total};
use crate::store::{
    self, Applied, Delta, DeltaRecord, Filter, Merge, Pruned, Store, StoreError, Visit, Window,
    WindowKey,
};

/// A store in memory.
#[derive(Debug, Clone)]
pub(crate) struct ToyStore {
    windows: BTreeMap<WindowKey, (Vec<u8>, i64, i64)>,
    deltas: Vec<(i32, DeltaRecord)>,
    documents: BTreeMap<(String, String), Vec<u8>>,
    horizon: i32,
}

impl Default for ToyStore {
    fn default() -> Self {
        let (windows, documents) = (BTreeMap::new(), BTreeMap::new());
        Self { windows, deltas: Vec::new(), documents, horizon: i32::MIN }
    }
}

impl Store for ToyStore {
    fn apply(&mut self, delta: &Delta<'_>, merge: &Merge<'_>) -> Result<Applied, StoreError> {
        store::check_delta(delta)?;
        if self.deltas.iter().any(|(_, record)| record.id == delta.id) {
            return Ok(Applied::Already);
        }
        if newest_day(delta) < self.horizon {
            return Ok(Applied::Late);
        }
        let mut windows = self.windows.clone();
        let late = delta.entries.iter().filter(|entry| entry.key.day < self.horizon).count();
        for entry in delta.entries.iter().filter(|entry| entry.key.day >= self.horizon) {
            let exchanges = to_column(entry.exchanges);
            let Some((value, last_ms, count)) = windows.get_mut(&entry.key) else {
                let window = (entry.value.clone(), entry.last_ms, exchanges);
                windows.insert(entry.key.clone(), window);
                continue;
            };
            let key = Box::new(entry.key.clone());
            *value = merge(value, &entry.value)
                .map_err(|refused| StoreError::MergeRefused { key, refused })?;
            store::check_value(value)?;
            *last_ms = entry.last_ms.max(*last_ms);
            *count = count.saturating_add(exchanges);
        }
        self.windows = windows;
        let record = DeltaRecord {
            id: delta.id,
            source: delta.source.to_owned(),
            received_ms: delta.received_ms,
            exchanges: from_column(to_column(total(delta))),
            windows: delta.entries.len() as u64,
        };
        self.deltas.push((newest_day(delta), record));
        Ok(Applied::New { entries_late: late })
    }

    fn windows(&self, filter: &Filter, visit: &mut Visit<'_>) -> Result<(), StoreError> {
        let is = |wanted: &Option<String>, is: &String| wanted.as_ref().is_none_or(|it| it == is);
        for (key, (value, last_ms, exchanges)) in &self.windows {
            let wanted = filter.since_day.is_none_or(|day| key.day >= day)
                && is(&filter.writer, &key.writer)
                && is(&filter.operation, &key.operation)
                && is(&filter.environment, &key.environment);
            let exchanges = from_column(*exchanges);
            let window = Window { key, value, last_ms: *last_ms, exchanges };
            if wanted {
                visit(&window).map_err(|refused| StoreError::VisitRefused {
                    key: Box::new(key.clone()),
                    refused,
                })?;
            }
        }
        Ok(())
    }

    fn deltas(&self, count_max: u32) -> Result<Vec<DeltaRecord>, StoreError> {
        let first = self.deltas.len().saturating_sub(usize::try_from(count_max).unwrap());
        Ok(self.deltas[first..].iter().map(|(_, record)| record.clone()).collect())
    }

    fn prune(&mut self, before_day: i32) -> Result<Pruned, StoreError> {
        self.horizon = self.horizon.max(before_day);
        let there = (self.windows.len(), self.deltas.len());
        self.windows.retain(|key, _| key.day >= self.horizon);
        self.deltas.retain(|(newest_day, _)| *newest_day >= self.horizon);
        let (windows, deltas) = (there.0 - self.windows.len(), there.1 - self.deltas.len());
        Ok(Pruned { windows, deltas })
    }

    fn document_put(&mut self, kind: &str, key: &str, bytes: &[u8]) -> Result<(), StoreError> {
        store::check_document(kind, key, bytes)?;
        let mut keys: BTreeSet<String> = self.document_list(kind)?.into_iter().collect();
        keys.insert(key.to_owned());
        let most = bounds::DOCUMENTS_PER_KIND_MAX;
        bounds::check_count("one kind", "documents", keys.len(), most)?;
        self.documents.insert((kind.into(), key.into()), bytes.into());
        Ok(())
    }

    fn document_claim(
        &mut self,
        kind: &str,
        key: &str,
        bytes: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        if let Some(there) = self.document_get(kind, key)? {
            return Ok(there);
        }
        self.document_put(kind, key, bytes)?;
        Ok(bytes.into())
    }

    fn document_get(&self, kind: &str, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.documents.get(&(kind.into(), key.into())).cloned())
    }

    fn document_list(&self, kind: &str) -> Result<Vec<String>, StoreError> {
        let of_kind = self.documents.keys().filter(|(own, _)| own == kind);
        Ok(of_kind.map(|(_, key)| key.clone()).collect())
    }
}
