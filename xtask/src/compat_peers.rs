//! The tools that others install to compare two versions of a contract, each in one very version.
//!
//! Refuses to know what they are asked.

use crate::npm::{Package, installed};
use crate::outcome::Outcome;
use crate::servers::{install, is_on_path, python_with};
use std::path::{Path, PathBuf};

const OPENAPI_DIFF: Package =
    Package { name: "openapi-diff", version: "0.24.1", folder: "target/openapi-diff" };
const SPECMATIC: Package =
    Package { name: "specmatic", version: "2.55.1", folder: "target/specmatic" };
const BUF: Package = Package { name: "@bufbuild/buf", version: "1.75.0", folder: "target/buf" };

/// What asks jsonsubschema and reads the catalogue, and where it is installed, below the
/// repository's root.
const PYTHON: [&str; 2] = ["jsonsubschema==0.0.8", "PyYAML==6.0.3"];
const PYTHON_FOLDER: &str = "target/jsonsubschema";

/// What brings Java where there is none.
const JAVA_PACKAGE: &str = "default-jre-headless";

/// Where the tools lie.
#[derive(Debug)]
pub(crate) struct Peers {
    /// The folder of the package.
    pub(crate) openapi_diff: PathBuf,
    /// The archive that Java runs.
    pub(crate) specmatic: PathBuf,
    /// The program itself, without the script of Node that starts it.
    pub(crate) buf: PathBuf,
    /// The interpreter that finds jsonsubschema.
    pub(crate) python: PathBuf,
}

/// Installs what is missing.
pub(crate) fn installed_peers(root: &Path) -> Result<Peers, Outcome> {
    if !is_on_path("java") {
        match install(&[JAVA_PACKAGE]) {
            Outcome::Yes => {}
            failed => return Err(failed),
        }
    }
    match python_with(&root.join(PYTHON_FOLDER), &PYTHON) {
        Outcome::Yes => {}
        failed => return Err(failed),
    }
    let buf = installed(BUF, root)?;
    Ok(Peers {
        openapi_diff: installed(OPENAPI_DIFF, root)?,
        specmatic: installed(SPECMATIC, root)?.join("specmatic.jar"),
        buf: buf.with_file_name(format!("buf-linux-{}", architecture())).join("bin/buf"),
        python: root.join(PYTHON_FOLDER).join("bin/python"),
    })
}

/// The machine's kind, as packages of Node name it.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "x64",
        other => other,
    }
}
