//! A plan that somebody brings, read back to be explored: the document of `plumb plan`, or the same
//! words in TOML.
//!
//! Refuses to know whether it is any good.

use crate::config::table::TEXT_BYTES_MAX;
use crate::excerpt::excerpt;
use crate::transition::error::TransitionError;
use plumb_plan::event::Event;
use plumb_plan::explore::Stage;
use plumb_plan::held::Held;
use plumb_plan::transition::Transition;
use serde::Deserialize;
use std::fs;
use std::path::Path;

/// Bytes of a plan as JSON: it names every pair of versions.
const JSON_BYTES_MAX: u64 = 256 << 20;

#[derive(Debug, Deserialize)]
struct Brought {
    /// In JSON the key is `waves`, in TOML each wave stands under `[[wave]]`.
    #[serde(default, alias = "wave")]
    waves: Vec<Wave>,
}

#[derive(Debug, Deserialize)]
struct Wave {
    #[serde(default, alias = "window")]
    windows: Vec<Window>,
    #[serde(default, alias = "step")]
    steps: Vec<Step>,
}

#[derive(Debug, Deserialize)]
struct Window {
    component: Option<String>,
    seam: Option<String>,
    version: String,
}

#[derive(Debug, Deserialize)]
struct Step {
    component: String,
    to: String,
}

/// Reads a plan for a transition.
///
/// # Errors
///
/// When the file cannot be read, is no plan, or names what the transition does not have.
pub fn read(path: &Path, transition: &Transition) -> Result<Vec<Stage>, TransitionError> {
    let failed = |source| TransitionError::Path { path: path.to_owned(), source };
    let wrong = |what: String| TransitionError::Document { path: path.to_owned(), what };
    let is_toml = path.extension().is_some_and(|end| end == "toml");
    let bytes_max = if is_toml { TEXT_BYTES_MAX as u64 } else { JSON_BYTES_MAX };
    if fs::metadata(path).map_err(failed)?.len() > bytes_max {
        return Err(wrong(format!("has more than {bytes_max} bytes")));
    }
    of_text(&fs::read_to_string(path).map_err(failed)?, is_toml, transition).map_err(wrong)
}

/// The same of a file's text, in TOML or JSON.
///
/// # Errors
///
/// What is wrong with it, as the end of a sentence about the file.
pub fn of_text(text: &str, is_toml: bool, transition: &Transition) -> Result<Vec<Stage>, String> {
    let said = |message: &str| format!("is no plan: {}", excerpt(message));
    let brought: Brought = if is_toml {
        toml::from_str(text).map_err(|err| said(err.message()))?
    } else {
        serde_json::from_str(text).map_err(|err| said(&err.to_string()))?
    };
    if brought.waves.is_empty() {
        return Err("holds no wave; write each under `[[wave]]`".to_owned());
    }
    brought.waves.iter().map(|wave| stage(wave, transition)).collect()
}

fn stage(wave: &Wave, transition: &Transition) -> Result<Stage, String> {
    let waits = wave.windows.iter().map(|window| held(window, transition));
    let moves = wave.steps.iter().map(|step| {
        let component = component(&step.component, transition)?;
        Ok(Event { component, version: version(component, &step.to, transition)? })
    });
    Ok(Stage {
        waits: waits.collect::<Result<_, _>>()?,
        moves: moves.collect::<Result<_, String>>()?,
    })
}

fn held(window: &Window, transition: &Transition) -> Result<(Held, usize), String> {
    if let Some(name) = &window.seam {
        let at = transition.seams().iter().position(|seam| seam.name == *name);
        let at =
            at.ok_or_else(|| format!("waits for a seam `{}`, which is not there", excerpt(name)))?;
        let writer = transition.seams()[at].writer;
        return Ok((Held::Data(at), version(writer, &window.version, transition)?));
    }
    let name = window.component.as_deref();
    let name = name.ok_or("has a window that names neither a component nor a seam")?;
    let at = component(name, transition)?;
    Ok((Held::Instances(at), version(at, &window.version, transition)?))
}

fn component(name: &str, transition: &Transition) -> Result<usize, String> {
    let at = transition.components().iter().position(|one| one.name == *name);
    at.ok_or_else(|| format!("names a component `{}`, which is not there", excerpt(name)))
}

fn version(component: usize, version: &str, transition: &Transition) -> Result<usize, String> {
    let named = &transition.components()[component];
    let at = named.versions.iter().position(|one| *one == version);
    let missing = || {
        format!("names `{}` at `{}`, which is none of its versions", named.name, excerpt(version))
    };
    at.ok_or_else(missing)
}
