//! Where a process of plumb listens, as it says itself.
//!
//! Refuses to start one.

use std::io::BufRead;
use std::net::SocketAddr;

/// The first address of the line that tells it, and all lines until then.
pub(crate) fn listening(stderr: &mut impl BufRead) -> (SocketAddr, String) {
    let mut said = String::new();
    loop {
        assert!(stderr.read_line(&mut said).unwrap() > 0, "{said}");
        let line = said.lines().last().unwrap();
        if let Some(rest) = line.strip_prefix("listening ") {
            return (rest.split(' ').next().unwrap().parse().unwrap(), said);
        }
    }
}
