//! The judge of `plumb rollout run` that reads events itself.
//!
//! Refuses to walk through stages.

use crate::told::told;
use plumb_engine::analysis::columns::Columns;
use plumb_engine::analysis::dictionary::value;
use plumb_engine::analysis::intake::Arms;
use plumb_engine::analysis::recorded::{Asked, Recorded, Source, recorded};
use plumb_engine::files;
use plumb_engine::rollout::judge::{self, Judge, Judged};
use plumb_rollout::judge::Settings;
use plumb_traffic::redact::Redaction;
use plumb_wire::judged;
use std::path::PathBuf;

/// The length of the moments in which both versions are compared, milliseconds.
const TICK_MS: i64 = 1_000;

/// Reads events anew at each look: so a controller that was killed and started again knows what it
/// knew before.
#[derive(Clone, Debug)]
pub(crate) struct ByEvents {
    pub(crate) files: Vec<PathBuf>,
    pub(crate) columns: Columns,
}

impl Judge for ByEvents {
    fn judge(&mut self, asked: &judge::Asked<'_>) -> Judged {
        match self.read(asked) {
            Err(why) => Judged::cannot_tell(why),
            Ok(known) => {
                let judgement = known.judge.judge(asked.now_ms, asked.way_back.clone());
                let value_of = |dimension, number| value(&known.dictionaries, dimension, number);
                let words = judged::Judged {
                    control: asked.control,
                    canary: asked.canary,
                    unit: known.unit(),
                    dimensions: &self.columns.dimensions,
                    value_of: &value_of,
                    judgement: &judgement,
                };
                told(&known.judge, &words)
            }
        }
    }
}

impl ByEvents {
    fn read(&self, asked: &judge::Asked<'_>) -> Result<Recorded, String> {
        let names: Vec<String> = self.files.iter().map(|path| path.display().to_string()).collect();
        let mut sources = Vec::new();
        for (name, path) in names.iter().zip(&self.files) {
            let file = files::open(path).map_err(|err| err.to_string())?;
            sources.push(Source { name, arm: None, input: Box::new(file) });
        }
        let of_arms = Arms { control: asked.control.to_owned(), canary: asked.canary.to_owned() };
        let asked = Asked {
            settings: Settings::default(),
            columns: self.columns.clone(),
            arms: Some(of_arms),
            version_header: None,
            redaction: &Redaction::default(),
            began_ms: None,
            tick_ms: TICK_MS,
            received_ms: asked.now_ms,
        };
        recorded(&asked, sources, &mut |_, _| {}).map_err(|err| err.to_string())
    }
}
