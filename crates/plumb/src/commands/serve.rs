//! `plumb serve`: the daemon.

use crate::arguments::Global;
use crate::bug;
use crate::desk::ProjectDesk;
use crate::door::{access, certificate, who};
use crate::failure::{Code, Failure, usage};
use crate::inside::inside;
use crate::listening::{listen, small_file};
use crate::project::{Project, project};
use crate::remote::secret;
use crate::server_arguments::ServeArguments;
use crate::survey::survey;
use crate::terminal::Terminal;
use crate::weigh::{Weighed, seen, weigh};
use plumb_engine::clock::now_ms;
use plumb_gap::finding::{Seam, Verdict};
use plumb_gap::report::Summary;
use plumb_server::client::trusted;
use plumb_server::hook::Hook;
use plumb_server::identity::Identities;
use plumb_server::identity::login::Logins;
use plumb_server::identity::trust::{Trusted, trusted as trusted_in};
use plumb_server::project::Quota;
use plumb_server::serving::{Serving, serve as run};
use plumb_server::standing::{Judge, Standing, Subject};
use plumb_tap::shutdown::shutdown;
use plumb_wire::gap_v1::gap_document;
use plumb_wire::headline::headline;
use std::path::Path;
use std::sync::Arc;

/// Where addresses of web hooks may lead.
const HOOK_SCHEMES: [&str; 2] = ["https://", "http://"];

pub(crate) fn serve(
    global: &Global,
    arguments: &ServeArguments,
    terminal: Terminal,
) -> Result<Code, Failure> {
    let project = project(global)?;
    let tls = certificate(&arguments.door)?;
    let (listener, address) = listen(arguments.listen, "--listen")?;
    let access = access(&arguments.door, address);
    let scheme = if tls.is_some() { "https" } else { "http" };
    let github_secret = arguments.github_secret_file.as_deref().map(secret).transpose()?;
    // From here on a bug costs one request its answer, and no other.
    std::panic::set_hook(Box::new(bug::note_request));
    let (_open, closing) = shutdown();
    let hooks = hooks(arguments)?;
    let (identities, logins) = elsewhere(arguments)?;
    let location = project.store().clone();
    run(
        Serving {
            listener,
            tls,
            access,
            identities,
            logins,
            location,
            quota: Quota { bytes_per_day: arguments.quota_bytes, windows: arguments.quota_windows },
            retention_ms: Some(arguments.retention),
            github_secret: github_secret.map(String::into_bytes),
            desk: Arc::new(ProjectDesk::new(project.clone(), terminal)),
            judge: Some(judge(project, terminal)),
            hooks,
            clock: now_ms,
            complain: Box::new(move |text| terminal.complain(&format!("warning: {text}\n"))),
            ready: Box::new(move || {
                let word = terminal.err.strong("serving");
                let who = who(access);
                let text = format!("{word} {scheme}://{address} for {who}; Ctrl-C ends\n");
                terminal.note(&text);
                terminal.note("Its pages open in a browser at that address.\n");
            }),
        },
        closing,
    )?;
    Ok(Code::Pass)
}

/// Whose tokens are taken, and where people log in, beside here.
fn elsewhere(arguments: &ServeArguments) -> Result<(Option<Identities>, Option<Logins>), Failure> {
    let Some(file) = &arguments.oidc else { return Ok((None, None)) };
    let text = String::from_utf8_lossy(&small_file(file)?).into_owned();
    let Trusted { trusts, login } = trusted_in(&text).map_err(|err| {
        let help = "the book's page on servers shows such a file";
        usage(format!("`{}` does not say whom to trust: {err}", file.display()), help)
    })?;
    let authorities = arguments.oidc_ca.as_deref().map(small_file).transpose()?;
    let authorities = trusted(authorities.as_deref())?;
    // Beside the file that names it.
    let beside = |name: &Path| secret(&file.parent().unwrap_or(Path::new("")).join(name));
    let logins = login.map(|login| {
        let secret = login.client_secret_file.as_deref().map(beside).transpose()?;
        Ok::<_, Failure>(Logins::new(login, secret, &authorities))
    });
    let identities = (!trusts.is_empty()).then(|| Identities::new(trusts, &authorities));
    Ok((identities, logins.transpose()?))
}

fn hooks(arguments: &ServeArguments) -> Result<Vec<Hook>, Failure> {
    let Some(file) = &arguments.hook_url_file else { return Ok(Vec::new()) };
    let url = secret(file)?;
    if !HOOK_SCHEMES.iter().any(|scheme| url.starts_with(scheme)) {
        return Err(usage(
            format!("`{}` does not hold an address", file.display()),
            "write it like `https://example.com/hook`",
        ));
    }
    let secret = arguments.hook_secret_file.as_deref().map(small_file).transpose()?;
    let secret = secret.map(|bytes| bytes.trim_ascii().to_vec());
    Ok(vec![Hook { url, secret, trusted: trusted(None)? }])
}

/// What the project's folder takes for granted, against what lies on the shelf.
fn judge(project: Project, terminal: Terminal) -> Judge {
    let terminal = terminal.hushed();
    Arc::new(move || {
        let at_ms = now_ms();
        let project = project.as_of(at_ms);
        judged(&project, terminal).map_err(|failure| inside(&project.folder, &failure.what))
    })
}

fn judged(project: &Project, terminal: Terminal) -> Result<Standing, Failure> {
    let seen = seen(project)?;
    let judging = seen.judging();
    let weighed = weigh(project, &project.folder, seen, terminal)?;
    let told = told(&weighed);
    Ok(Standing { survey: Arc::new(survey(project, weighed, judging)?), ..told })
}

/// What came of judging, without what pages show.
fn told(weighed: &Weighed) -> Standing {
    let unread = weighed.unread();
    let document = gap_document(&weighed.reported(&unread)).to_json().into_bytes();
    let headline = headline(&weighed.report);
    let verdicts = weighed.report.seams.iter().map(|one| {
        let Seam { writer, reader, operation } = one.seam.clone();
        (Subject { writer, reader, operation }, one.verdict.to_string())
    });
    let Summary { holds, drifted, broken, stale, unobserved } = headline.summary;
    let counts = [
        (Verdict::Holds, holds),
        (Verdict::Drifted, drifted),
        (Verdict::Broken, broken),
        (Verdict::Stale, stale),
        (Verdict::Unobserved, unobserved),
    ];
    let counts = counts.map(|(verdict, count)| (verdict.name(), u64::try_from(count).unwrap_or(0)));
    Standing {
        document,
        verdicts: verdicts.collect(),
        counts: counts.to_vec(),
        gap: headline.gap.map(|gap| gap.share),
        unseen: headline.gap.map(|gap| gap.unseen),
        at_ms: weighed.as_of_ms,
        survey: Arc::default(),
    }
}
