//! Arguments of commands that have another command meet mocks. Refuses to know what that command is
//! and why it meets them.

use crate::trust_arguments::TrustArguments;
use crate::values::pair;
use clap::Args;
use std::net::SocketAddr;

/// How the command is told where mocks are.
#[derive(Debug, Args)]
pub(crate) struct MeetingArguments {
    /// Tell the command by a variable where a dependency's mock is: `ORDERS_URL=orders`
    #[arg(long = "as", value_name = "VARIABLE=DEPENDENCY", value_parser = pair)]
    urls: Vec<(String, String)>,
    /// The same by host and port alone, as clients of gRPC want it: `ORDERS_ADDRESS=orders`
    #[arg(long = "at", value_name = "VARIABLE=DEPENDENCY", value_parser = pair)]
    addresses: Vec<(String, String)>,
    #[command(flatten)]
    pub(crate) trust: TrustArguments,
}

/// A variable that tells of a mock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Telling<'a> {
    pub(crate) variable: &'a str,
    pub(crate) dependency: &'a str,
    form: Form,
}

#[derive(Clone, Copy, Debug)]
enum Form {
    Url,
    Address,
}

impl MeetingArguments {
    /// The variables.
    pub(crate) fn telling(&self) -> Vec<Telling<'_>> {
        let urls = self.urls.iter().map(|pair| (Form::Url, pair));
        let addresses = self.addresses.iter().map(|pair| (Form::Address, pair));
        let all = urls.chain(addresses);
        all.map(|(form, (variable, dependency))| Telling { variable, dependency, form }).collect()
    }
}

impl Telling<'_> {
    /// What the variable says.
    pub(crate) fn value(&self, address: SocketAddr) -> String {
        match self.form {
            Form::Url => format!("http://{address}"),
            Form::Address => address.to_string(),
        }
    }
}
