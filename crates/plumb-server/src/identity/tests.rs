//! Tokens as a provider makes them, and as somebody else would.

use super::*;
use crate::identity::check::TOKEN_BYTES_MAX;
use crate::identity::login::{Leaving, Logins, PENDING_MS};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE;
use plumb_engine::tokens::Right;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::json;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use trust::trusted;

/// A provider on this machine, which answers until the test ends.
struct Somebody {
    address: String,
    keys: Ed25519KeyPair,
    asked: Arc<AtomicUsize>,
    /// What it gives for a code.
    given: Arc<Mutex<String>>,
}

fn key_pair() -> Ed25519KeyPair {
    let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    Ed25519KeyPair::from_pkcs8(made.as_ref()).unwrap()
}

fn somebody() -> Somebody {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let keys = key_pair();
    let asked = Arc::new(AtomicUsize::new(0));
    let key = URL_SAFE.encode(keys.public_key().as_ref());
    let keys_document = json!({ "keys": [
        { "kty": "OKP", "crv": "Ed25519", "kid": "one", "use": "sig", "x": key },
    ]});
    let settings = json!({
        "issuer": address, "jwks_uri": format!("{address}/keys"),
        "authorization_endpoint": format!("{address}/login?at=home"),
        "token_endpoint": format!("{address}/token"),
    });
    let count = Arc::clone(&asked);
    let given = Arc::new(Mutex::new(String::new()));
    let gives = Arc::clone(&given);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            let body = if line.starts_with("GET /keys ") {
                count.fetch_add(1, Ordering::Relaxed);
                keys_document.to_string()
            } else if line.starts_with("POST /token ") {
                json!({ "id_token": *gives.lock().unwrap() }).to_string()
            } else {
                settings.to_string()
            };
            let length = body.len();
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close");
            stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).unwrap();
        }
    });
    Somebody { address, keys, asked, given }
}

fn signed(header: &Value, claims: &Value, keys: &Ed25519KeyPair) -> String {
    let part = |value: &Value| URL_SAFE.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let mark = URL_SAFE.encode(keys.sign(message.as_bytes()));
    format!("{message}.{mark}")
}

impl Somebody {
    fn header() -> Value {
        json!({ "alg": "EdDSA", "kid": "one", "typ": "JWT" })
    }

    fn claims(&self) -> Value {
        json!({
            "iss": self.address, "aud": ["other", "plumb"], "sub": "repo:acme/shop",
            "repository": "acme/shop", "exp": 32_503_680_000_u64,
        })
    }

    fn identities(&self) -> Identities {
        let text = format!(
            "[[trust]]\nissuer = \"{}\"\naudience = \"plumb\"\nallow = [\"read\"]\n\
             environment = \"production\"\nclaims = {{ repository = \"acme/shop\" }}\n",
            self.address
        );
        Identities::new(trusted(&text).unwrap().trusts, &RootCerts::PlatformVerifier)
    }

    #[track_caller]
    fn check_refused(&self, header: &Value, claims: &Value, expected: &str) {
        let token = signed(header, claims, &self.keys);
        let refused = self.identities().caller(&token, 0).unwrap_err();
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
        assert!(refused.what.contains(expected), "{}", refused.what);
    }

    /// The claims, but for one.
    fn but(&self, name: &str, claim: Value) -> Value {
        let mut claims = self.claims();
        claims[name] = claim;
        claims
    }
}

#[test]
fn who_somebody_is_tells_what_they_may() {
    let somebody = somebody();
    let token = signed(&Somebody::header(), &somebody.claims(), &somebody.keys);
    let caller = somebody.identities().caller(&token, 0).unwrap();
    assert!(caller.name.starts_with("repo:acme/shop at 127.0.0.1:"), "{}", caller.name);
    assert_eq!((caller.rights, caller.project), (vec![Right::Read], None));
    assert_eq!(caller.environment.as_deref(), Some("production"));
}

#[test]
fn tokens_that_say_something_else_are_refused() {
    let (somebody, header) = (somebody(), Somebody::header());
    let check = |name, claim, expected| {
        somebody.check_refused(&header, &somebody.but(name, claim), expected);
    };
    check("aud", json!("other"), "meant for somebody else");
    check("aud", Value::Null, "not as it has to be");
    check("exp", json!(1_000), "it has ended");
    check("exp", json!("32503680000"), "not as it has to be");
    check("nbf", json!(32_503_680_000_u64), "not good yet");
    check("iss", json!("https://evil.test"), "its issuer is not trusted");
    check("iss", json!([somebody.address, "https://evil.test"]), "names no issuer");
    check("repository", json!("acme/other"), "nothing it says is trusted");
}

#[test]
fn tokens_that_others_made_are_refused() {
    let somebody = somebody();
    let (header, claims) = (Somebody::header(), somebody.claims());
    let by_others = signed(&header, &claims, &key_pair());
    let refused = somebody.identities().caller(&by_others, 0).unwrap_err();
    assert!(refused.what.contains("its signature is wrong"), "{}", refused.what);
    for algorithm in ["HS256", "ES256", "RS256"] {
        let header = json!({ "alg": algorithm, "kid": "one" });
        somebody.check_refused(&header, &claims, "signed in no safe way");
    }
    somebody.check_refused(&json!({ "alg": "none", "kid": "one" }), &claims, "cannot be read");
    somebody.check_refused(&json!({ "alg": "EdDSA", "kid": "two" }), &claims, "its key");
    let long = somebody.but("more", json!("a".repeat(TOKEN_BYTES_MAX)));
    somebody.check_refused(&header, &long, "too long");
    for text in ["a.b.c", "..", "a.b"] {
        let refused = somebody.identities().caller(text, 0).unwrap_err();
        assert!(refused.what.contains("cannot be read"), "{}", refused.what);
    }
}

#[test]
fn a_provider_is_asked_seldom() {
    const MINUTE_MS: i64 = 60_000;
    let somebody = somebody();
    let identities = somebody.identities();
    let good = signed(&Somebody::header(), &somebody.claims(), &somebody.keys);
    let unknown = json!({ "alg": "EdDSA", "kid": "two" });
    let unknown = signed(&unknown, &somebody.claims(), &somebody.keys);
    let asked = || somebody.asked.load(Ordering::Relaxed);
    for _ in 0..3 {
        identities.caller(&good, 0).unwrap();
        identities.caller(&unknown, 1).unwrap_err();
    }
    assert_eq!(asked(), 1);
    identities.caller(&unknown, MINUTE_MS).unwrap_err();
    assert_eq!(asked(), 2);
    identities.caller(&good, 59 * MINUTE_MS).unwrap();
    assert_eq!(asked(), 2);
    identities.caller(&good, 61 * MINUTE_MS).unwrap();
    assert_eq!(asked(), 3);
}

impl Somebody {
    fn logins(&self) -> Logins {
        let text = format!(
            "[login]\nissuer = \"{}\"\nclient_id = \"plumb\"\naddress = \"https://plumb.test/\"\n\
             allow = [\"read\"]\nclaims = {{ repository = \"acme/shop\" }}\n",
            self.address
        );
        let login = trusted(&text).unwrap().login.unwrap();
        Logins::new(login, None, &RootCerts::PlatformVerifier)
    }

    /// Who comes back from a login so much later, given what the provider says then.
    fn back(&self, after_ms: i64, change: impl Fn(&mut Value)) -> Result<String, String> {
        let logins = self.logins();
        let Leaving { address, state } = logins.begin("/seams", 0).unwrap();
        let begins = format!("{}/login?at=home&response_type=code&", self.address);
        assert!(address.starts_with(&begins), "{address}");
        let pair = |name: &str| format!("&{name}=");
        let said = |name: &str| {
            let (_, rest) = address.split_once(&pair(name)).unwrap();
            rest.split('&').next().unwrap().to_owned()
        };
        assert_eq!(said("redirect_uri"), "https%3A%2F%2Fplumb%2Etest%2Flogin%2Foidc%2Freturn");
        assert_eq!(said("state"), state);
        let mut claims = self.but("nonce", json!(said("nonce")));
        change(&mut claims);
        *self.given.lock().unwrap() = signed(&Somebody::header(), &claims, &self.keys);
        let came = logins.finish((&state, "a code"), after_ms);
        let again = logins.finish((&state, "a code"), after_ms);
        assert!(again.unwrap_err().contains("was not begun here"), "each is used up");
        came.map(|(caller, back)| format!("{} {back}", caller.name))
    }
}

#[test]
fn who_comes_back_is_who_the_provider_says() {
    let somebody = somebody();
    let came = somebody.back(PENDING_MS - 1, |_| {}).unwrap();
    assert!(came.starts_with("repo:acme/shop at ") && came.ends_with(" /seams"), "{came}");
    let check = |name: &str, claim: Value, expected: &str| {
        let why = somebody.back(0, |claims| claims[name] = claim.clone()).unwrap_err();
        assert!(why.contains(expected), "{name}: {why}");
    };
    check("nonce", json!("other"), "of another login");
    check("nonce", Value::Null, "of another login");
    check("azp", json!("other"), "for another party");
    check("aud", json!("other"), "meant for somebody else");
    check("repository", json!("acme/other"), "nothing of you that is trusted");
    let late = somebody.back(PENDING_MS, |_| {}).unwrap_err();
    assert!(late.contains("took too long"), "{late}");
}
