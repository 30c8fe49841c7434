//! The files of the demo: a real server's traffic, and the recording that a test suite replays
//! instead of it. Where they come from stands in the README beside them.
//!
//! Refuses to know what they show.

/// One built-in file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DemoFile {
    /// Its path in the demo's folder.
    pub(crate) path: &'static str,
    /// All of it.
    pub(crate) bytes: &'static [u8],
}

/// The traffic of today.
pub(crate) const TRAFFIC: DemoFile =
    DemoFile { path: "client1-server2.har", bytes: include_bytes!("../demo/client1-server2.har") };

/// What the tests replay: recorded two major versions earlier.
pub(crate) const RECORDING: DemoFile =
    DemoFile { path: "tests/tracking.yaml", bytes: include_bytes!("../demo/tests/tracking.yaml") };

/// Where both come from.
pub(crate) const STORY: DemoFile =
    DemoFile { path: "README.md", bytes: include_bytes!("../demo/README.md") };
