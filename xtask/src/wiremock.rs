//! WireMock, as a package of Node brings it, and the Java that runs it.
//!
//! Refuses to know what it is asked.

use crate::npm::{Package, installed};
use crate::outcome::Outcome;
use crate::servers::{install, is_on_path};
use std::path::{Path, PathBuf};

const WIREMOCK: Package =
    Package { name: "wiremock", version: "3.13.2", folder: "target/wiremock" };

/// What brings Java where there is none.
const JAVA_PACKAGE: &str = "default-jre-headless";

/// Installs Java and the tool where they are missing; the archive that Java runs, or what went
/// wrong.
pub(crate) fn installed_jar(root: &Path) -> Result<PathBuf, Outcome> {
    if !is_on_path("java") {
        match install(&[JAVA_PACKAGE]) {
            Outcome::Yes => {}
            failed => return Err(failed),
        }
    }
    let package = installed(WIREMOCK, root)?;
    Ok(package.join(format!("build/wiremock-standalone-{}.jar", WIREMOCK.version)))
}
