//! Brokers that speak TLS, under an authority of the tests' own.

use crate::server::{Server, free_port};
use crate::tapping::{check_numbered, numbered, options, trusting, unready};
use std::fs;
use std::path::Path;
use std::process::Command;

pub(crate) const AUTHORITY: &[u8] = include_bytes!("../../../plumb-tap/tests/it/pki/authority.pem");
const CERTIFICATE: &[u8] = include_bytes!("../../../plumb-tap/tests/it/pki/certificate.pem");
const KEY: &[u8] = include_bytes!("../../../plumb-tap/tests/it/pki/key.pem");

/// Writes the broker's certificate and its key.
pub(crate) fn write_pki(folder: &Path) {
    for (name, bytes) in [("authority", AUTHORITY), ("certificate", CERTIFICATE), ("key", KEY)] {
        fs::write(folder.join(name), bytes).unwrap();
    }
}

fn nats() -> Server {
    Server::start(|port, folder| {
        write_pki(folder);
        let mut command = Command::new("nats-server");
        command.args(["-a", "127.0.0.1", "-p", &port.to_string(), "--tls"]);
        command.arg("--tlscert").arg(folder.join("certificate"));
        command.arg("--tlskey").arg(folder.join("key"));
        command
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn nats_is_tapped_over_tls() {
    let server = nats();
    let tapping = trusting(&format!("tls://127.0.0.1:{}/a", server.port), options(), AUTHORITY);
    let producer = async_nats::ConnectOptions::new()
        .add_root_certificates(server.folder().join("authority"))
        .connect(format!("tls://127.0.0.1:{}", server.port));
    let producer = producer.await.unwrap();
    for number in 0..5 {
        producer.publish("a", numbered(number).into()).await.unwrap();
    }
    producer.flush().await.unwrap();
    tapping.until_taken(5);
    check_numbered(&tapping.end().seen.taken, 0..5);
}

#[test]
fn redis_is_tapped_over_tls_with_a_password() {
    let plain = free_port();
    let server = Server::start(|port, folder| {
        write_pki(folder);
        let mut command = Command::new("redis-server");
        command.args(["--port", &plain.to_string(), "--tls-port", &port.to_string()]);
        command.args(["--bind", "127.0.0.1", "--save", "", "--tls-auth-clients", "no"]);
        command.args(["--requirepass", "hunter2", "--dir"]).arg(folder);
        command.arg("--tls-cert-file").arg(folder.join("certificate"));
        command.arg("--tls-key-file").arg(folder.join("key"));
        command.arg("--tls-ca-cert-file").arg(folder.join("authority"));
        command
    });
    let url = |password: &str| {
        format!("rediss://:{password}@127.0.0.1:{}/0?stream=a&field=p", server.port)
    };
    let refused = unready(&url("wrong"), options()).ended().err().unwrap().to_string();
    assert!(refused.starts_with("cannot reach the broker"), "{refused}");
    let tapping = trusting(&url("hunter2"), options(), AUTHORITY);
    let producer = redis::Client::open(format!("redis://:hunter2@127.0.0.1:{plain}"));
    let mut producer = producer.unwrap().get_connection().unwrap();
    for number in 0..5 {
        let mut add = redis::cmd("XADD");
        add.arg("a").arg("*").arg("p").arg(numbered(number)).exec(&mut producer).unwrap();
    }
    tapping.until_taken(5);
    check_numbered(&tapping.end().seen.taken, 0..5);
}

#[test]
fn an_authority_that_nobody_named_is_not_trusted() {
    let server = nats();
    let url = format!("tls://127.0.0.1:{}/a", server.port);
    let refused = unready(&url, options()).ended().err().unwrap().to_string();
    assert!(refused.starts_with("cannot reach the broker"), "{refused}");
}
