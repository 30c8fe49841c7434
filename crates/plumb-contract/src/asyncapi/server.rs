//! Servers of a description, and what two versions of them change.
//!
//! A server is the same where it goes by the same name, or else where it stands at the same address
//! and speaks the same protocol. Refuses to know channels.

use crate::asyncapi::findings::{Findings, Told};
use crate::asyncapi::model::{Generation, Server};
use crate::asyncapi::rule;
use crate::compared::Flow;
use crate::openapi::work::Work;

/// Servers of one description at most: the largest public ones have some tens.
const SERVERS_MAX: usize = 1_000;

/// Reads all servers.
pub(super) fn servers<'t>(work: &mut Work<'_, 't>, generation: Generation) -> Vec<Server<'t>> {
    let Some(listed) = work.root.get("servers") else { return Vec::new() };
    let mut servers = Vec::new();
    for (name, spot) in work.members(listed, "`servers`") {
        if servers.len() >= SERVERS_MAX {
            work.tell(spot, format!("there are more than {SERVERS_MAX} servers"));
            break;
        }
        let Some(at) = work.resolve(spot) else { continue };
        let address = match generation {
            Generation::Two => at.text("url").unwrap_or_default().to_owned(),
            Generation::Three => {
                let part = |key| at.text(key).unwrap_or_default();
                format!("{}{}", part("host"), part("pathname"))
            }
        };
        let protocol = at.text("protocol").unwrap_or_default().to_ascii_lowercase();
        // Both generations write the protocol as well; in 2.x it may also begin the address.
        let address = match address.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case(&protocol) => rest.to_owned(),
            _ => address,
        };
        servers.push(Server {
            name,
            address: address.trim_end_matches('/').to_owned(),
            protocol,
            protocol_version: at.text("protocolVersion"),
            security: at.get("security"),
            bindings: at.get("bindings"),
            at,
        });
    }
    servers
}

/// Tells what two versions of the servers change.
pub(super) fn compare<'t>(findings: &mut Findings<'t>, old: &[Server<'t>], new: &[Server<'t>]) {
    for server in old {
        match partner(server, old, new) {
            Some(other) => compare_one(findings, server, other),
            None => {
                let told = Told::new(server_subject(server), String::new(), Flow::Both);
                let told = told.was(server.at).witness(server.address.clone());
                findings.tell(&rule::SERVER_REMOVED, told, "the server is gone");
            }
        }
    }
    for server in new.iter().filter(|server| partner(server, new, old).is_none()) {
        let told = Told::new(server_subject(server), String::new(), Flow::Both).is(server.at);
        findings.tell(&rule::SERVER_ADDED, told, "the server is new");
    }
}

/// The same server in the other version. What goes by a name there belongs to that name alone.
fn partner<'s, 't>(
    server: &Server<'t>,
    own: &[Server<'t>],
    others: &'s [Server<'t>],
) -> Option<&'s Server<'t>> {
    let named = others.iter().find(|other| other.name == server.name);
    named.or_else(|| {
        others.iter().find(|other| {
            (&other.address, &other.protocol) == (&server.address, &server.protocol)
                && own.iter().all(|one| one.name != other.name)
        })
    })
}

fn compare_one<'t>(findings: &mut Findings<'t>, old: &Server<'t>, new: &Server<'t>) {
    let at = |place: &str| {
        let told = Told::new(server_subject(new), place.to_owned(), Flow::Both);
        told.was(old.at).is(new.at)
    };
    if old.protocol != new.protocol {
        let what = format!("`{}` became `{}`", old.protocol, new.protocol);
        let told = at("protocol").witness(old.protocol.clone());
        findings.tell(&rule::SERVER_PROTOCOL, told, &what);
    }
    if old.protocol_version != new.protocol_version {
        let version = |server: &Server<'t>| server.protocol_version.unwrap_or("any").to_owned();
        let what = format!("`{}` became `{}`", version(old), version(new));
        let told = at("protocol version");
        findings.tell(&rule::SERVER_PROTOCOL_VERSION, told, &what);
    }
    if old.address != new.address {
        let what = format!("`{}` became `{}`", old.address, new.address);
        findings.tell(&rule::SERVER_ADDRESS, at("address"), &what);
    }
    let told = at("security");
    findings.same([old.security, new.security], &rule::SECURITY, told);
    let told = at("bindings");
    findings.same([old.bindings, new.bindings], &rule::BINDINGS, told);
}

fn server_subject(server: &Server<'_>) -> String {
    format!("server {}", server.name)
}
