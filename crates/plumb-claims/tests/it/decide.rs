//! Which stub answers a request, as far as its claims tell: the first that speaks of the request in
//! every place, unless one before it may as well.
//!
//! Refuses to know any tool, and in which order one asks its stubs.

use plumb_claims::reading::{Reading, Unread};
use plumb_shape::claim::Claim;
use plumb_shape::said::Said;
use plumb_shape::speaks::{Arrived, Request, Speaks};
use serde_json::Value;

/// What the claims tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decided {
    /// This stub answers.
    Stub(usize),
    /// No stub does.
    Nobody,
    /// A claim is told apart from others by more than it says.
    CannotTell,
}

/// A stub as it was read.
#[derive(Debug)]
pub(crate) struct Stub<'a> {
    /// Its place in the file.
    pub(crate) at: usize,
    /// One that could not be read has none.
    pub(crate) claims: Vec<&'a Claim>,
    /// It is said of it that it never answers.
    pub(crate) is_dead: bool,
}

/// What was told of all requests, beside what the tool did.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    agreed: usize,
    untold: usize,
    wrong: Vec<String>,
}

impl Tally {
    /// Compares what was decided with the stub that answered; `stub` writes one down.
    pub(crate) fn add(
        &mut self,
        decided: Decided,
        answer: Option<usize>,
        request: &Value,
        stub: impl Fn(usize) -> String,
    ) {
        let told = match decided {
            Decided::CannotTell => {
                self.untold += 1;
                return;
            }
            Decided::Stub(at) => Some(at),
            Decided::Nobody => None,
        };
        if told == answer {
            self.agreed += 1;
            return;
        }
        let (told, right) = (told.map(&stub), answer.map(&stub));
        self.wrong.push(format!("{request}\n  told {told:?}\n  right {right:?}"));
    }

    /// Prints the shares, and asserts that nothing was told wrongly.
    pub(crate) fn assert_right(&self) {
        let Self { agreed, untold, wrong } = self;
        let all = agreed + untold + wrong.len();
        println!("{all} requests: {agreed} agree, {untold} cannot be told, {} differ", wrong.len());
        assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
        assert!(*agreed >= 500);
    }
}

/// Whether it is said of the only stub of a file that it never answers.
pub(crate) fn is_dead(reading: &Reading) -> bool {
    let never = |unread: &Unread| unread.reason.contains("never answers");
    reading.claims.is_empty() && reading.unread.iter().any(never)
}

/// The stub that answers, of those in the order in which they are asked.
pub(crate) fn decide(stubs: &[Stub<'_>], request: &Value) -> Decided {
    let request = measured(request);
    let mut may_be_another = false;
    for stub in stubs.iter().filter(|stub| !stub.is_dead) {
        // A stub that could not be read may answer anything.
        let speaks = stub.claims.iter().map(|claim| request.is_met_by(claim)).max();
        match speaks.unwrap_or(Speaks::Maybe) {
            Speaks::Yes if may_be_another => return Decided::CannotTell,
            Speaks::Yes => return Decided::Stub(stub.at),
            Speaks::Maybe => may_be_another = true,
            Speaks::No => {}
        }
    }
    if may_be_another { Decided::CannotTell } else { Decided::Nobody }
}

/// Names and values, kept as an object or, where a name may come again, as a list of pairs.
pub(crate) fn pairs(value: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    match value {
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), text(value))).collect()
        }
        list => {
            let pair = |pair: &Value| (text(&pair[0]), text(&pair[1]));
            list.as_array().unwrap().iter().map(pair).collect()
        }
    }
}

/// The request, said as an example would be.
pub(crate) fn seen(request: &Value) -> Said {
    measured(request).said
}

fn measured(request: &Value) -> Request {
    Request::of(Arrived {
        method: request["method"].as_str().unwrap(),
        path: request["path"].as_str().unwrap(),
        name: None,
        query: &pairs(&request["query"]),
        headers: &pairs(&request["headers"]),
        body: request["body"].as_str().unwrap_or_default().as_bytes(),
    })
}
