//! Calls of gRPC on their way from the tap to the fold: where their schema comes from, and how many
//! had none. Refuses to know how bodies are read.

use crate::failure::{Failure, outside, usage};
use crate::tapping::{Handed, Handing};
use plumb_engine::files;
use plumb_engine::live::Live;
use plumb_tap::captured::Captured;
use plumb_tap::queue::Taking;
use plumb_traffic::schema::grpc::{self, Outcome, Services, from_descriptors, from_source};
use plumb_traffic::schema::protobuf::ReadFile;
use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

/// Sources and sets of descriptors are at most some megabytes, generated ones included.
const SCHEMA_BYTES_MAX: u64 = 64 * 1_024 * 1_024;

/// What a tap hands over, with calls of gRPC read where a schema describes them.
#[derive(Debug)]
pub(crate) struct Calls {
    pub(crate) taking: Taking,
    pub(crate) services: Option<Services>,
    /// Calls whose bodies no schema could read.
    pub(crate) unread: u64,
}

impl Handing for Calls {
    type Taken = Captured;

    fn next_within(&mut self, wait: Duration) -> Handed<Captured> {
        Handing::next_within(&mut self.taking, wait)
    }

    fn fold(&mut self, captured: &Captured, live: &mut Live<'_>) {
        let mut exchange = captured.exchange();
        match grpc::read(&mut exchange, self.services.as_ref()) {
            Outcome::Unknown | Outcome::Unfit => self.unread += 1,
            Outcome::Other | Outcome::Read => {}
        }
        live.observe(&exchange);
    }
}

/// The services in a file: a source (`.proto`) with what it imports beside it, or a set of
/// descriptors.
pub(crate) fn services(path: &Path) -> Result<Services, Failure> {
    let bytes = bytes(path)?;
    let read = if path.extension().is_some_and(|extension| extension == "proto") {
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let read: ReadFile =
            Box::new(move |name| String::from_utf8(self::bytes(&folder.join(name)).ok()?).ok());
        from_source(name, read)
    } else {
        from_descriptors(&bytes)
    };
    let help = "give a Protobuf source (`.proto`) with what it imports beside it, or a set of \
                descriptors (`protoc --include_imports -o`)";
    let services = read.map_err(|err| usage(err.to_string(), help))?;
    if services.count() == 0 {
        return Err(usage(format!("there is no service in `{}`", path.display()), help));
    }
    Ok(services)
}

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = files::open(path)?.take(SCHEMA_BYTES_MAX).read_to_end(&mut bytes);
    read.map_err(|err| outside(format!("cannot read `{}`: {err}", path.display()), None))?;
    Ok(bytes)
}
