//! Servers: whether requests still go to a path that is there, at an address that is said.
//!
//! Hosts are configured more often than they are read from a description, so that an address that
//! goes is worth less than a path that goes. Refuses to know operations.

use crate::interface::findings::{Findings, Told};
use crate::interface::meeting::Meeting;
use crate::interface::model::Server;
use crate::interface::rule;
use crate::openapi::schema::Side;

/// Compares where clients send their requests with where the server is.
pub(crate) fn compare<'t>(findings: &mut Findings<'_, 't>, meeting: &Meeting<'_, 't>) {
    let (client, server) = (meeting.client, meeting.server);
    let lists = [client.servers_at.node, server.servers_at.node].map(std::ptr::from_ref);
    if meeting.is_called() || client.servers == server.servers {
        return;
    }
    if !findings.servers_seen.insert(lists)
        || is_unsaid(&client.servers)
        || is_unsaid(&server.servers)
    {
        return;
    }
    let (from, to) = (Some(client.servers_at), Some(server.servers_at));
    let mut meeting = meeting.clone();
    if client.at.get("servers").is_none() && server.at.get("servers").is_none() {
        "all operations".clone_into(&mut meeting.subject);
    }
    let mut say = |rule, server: &Server| {
        let (place, what) = ("servers".to_owned(), format!("`{}`", shown(server)));
        let told = Told { rule, side: Side::Request, place, client: from, server: to, what };
        findings.tell(&meeting, told);
    };
    let same = |it: &Server, known: &Server| same_origin(it, known) && it.path == known.path;
    let is_left = |known: &&Server| server.servers.iter().any(|it| same(it, known));
    let is_any_left = client.servers.iter().any(|known| is_left(&known));
    for known in &client.servers {
        if server.servers.iter().any(|it| same_origin(it, known) && it.path == known.path) {
            continue;
        }
        let is_path_left = server.servers.iter().any(|it| it.path == known.path);
        let is_origin_left = server.servers.iter().any(|it| same_origin(it, known));
        let rule = if is_path_left || (is_any_left && !is_origin_left) {
            &rule::SERVER_REMOVED
        } else {
            &rule::SERVER_PATH
        };
        say(rule, known);
    }
    for told in &server.servers {
        if !client.servers.iter().any(|it| same_origin(it, told) && it.path == told.path) {
            say(&rule::SERVER_ADDED, told);
        }
    }
}

/// Whether nothing is said of where the operations are.
fn is_unsaid(servers: &[Server]) -> bool {
    servers.iter().all(|server| server.origin.is_empty() && server.path.is_empty())
}

/// Whether two origins may be the same: where one says no scheme or no host, any will do.
fn same_origin(one: &Server, other: &Server) -> bool {
    let host = |server: &Server| server.origin.rsplit('/').next().unwrap_or_default().to_owned();
    let is_bare = |server: &Server| server.origin.starts_with("//");
    let any_scheme = is_bare(one) || is_bare(other);
    one.origin == other.origin
        || one.origin.is_empty()
        || other.origin.is_empty()
        || (any_scheme && host(one) == host(other))
}

fn shown(server: &Server) -> String {
    let whole = format!("{}{}", server.origin, server.path);
    if whole.is_empty() { "/".to_owned() } else { whole }
}
