//! `plumb rollout generate`: files by which platforms ask a gate.
//!
//! Refuses to know what stands in them.

use crate::arguments::Global;
use crate::failure::{Code, Failure, usage};
use crate::rollout_arguments::{GenerateArguments, PlatformName};
use crate::terminal::Terminal;
use plumb_wire::platform::{Platform, Wiring, platform_file};

pub(crate) fn generate(
    _global: &Global,
    arguments: &GenerateArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let url = arguments.url.trim_end_matches('/');
    let host = url.split_once("://").filter(|(scheme, _)| matches!(*scheme, "http" | "https"));
    let is_plain = |letter: char| !letter.is_whitespace() && !letter.is_control();
    if host.is_none_or(|(_, host)| host.is_empty()) || !url.chars().all(is_plain) {
        let help = "write where the gate listens: `https://gate.example.com:7443`";
        return Err(usage(format!("`{url}` is no address of a gate"), help));
    }
    let platform = match arguments.platform {
        PlatformName::Argo => Platform::Argo,
        PlatformName::ArgoJob => Platform::ArgoJob,
        PlatformName::Kargo => Platform::Kargo,
        PlatformName::Flagger => Platform::Flagger,
        PlatformName::Alerts => Platform::Alerts,
        PlatformName::Grafana => Platform::Grafana,
    };
    let wiring = Wiring { url, name: &arguments.name };
    terminal.text(&platform_file(platform, &wiring))?;
    Ok(Code::Pass)
}
