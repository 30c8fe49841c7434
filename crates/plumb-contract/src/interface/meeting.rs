//! An operation in both versions, seen as who calls meets who answers: that the old version's
//! partners call the new one, or the other way round for callbacks and webhooks, is settled here.
//!
//! Refuses to know what is compared.

use crate::change::{self, Direction};
use crate::interface::model::{Operation, Role};
use crate::openapi::document::Spot;
use crate::openapi::schema::Side;

/// One operation in both versions.
#[derive(Clone, Debug)]
pub(crate) struct Meeting<'m, 't> {
    /// As changes name it.
    pub(crate) subject: String,
    /// The version whose clients stay as they are, or that calls.
    pub(crate) client: &'m Operation<'t>,
    /// The version that answers.
    pub(crate) server: &'m Operation<'t>,
    role: Role,
}

impl<'m, 't> Meeting<'m, 't> {
    /// Puts the versions in their places.
    pub(crate) fn new(old: &'m Operation<'t>, new: &'m Operation<'t>) -> Self {
        let role = new.role;
        let (client, server) = match role {
            Role::Served => (old, new),
            Role::Called => (new, old),
        };
        Self { subject: new.subject(), client, server, role }
    }

    /// Whether partners are called, not calling.
    pub(crate) fn is_called(&self) -> bool {
        self.role == Role::Called
    }

    /// Which version writes on this side.
    pub(crate) fn direction(&self, side: Side) -> Direction {
        match (self.role, side) {
            (Role::Served, Side::Request) | (Role::Called, Side::Response) => Direction::OldWrites,
            (Role::Served, Side::Response) | (Role::Called, Side::Request) => Direction::NewWrites,
        }
    }

    /// What belongs to client and server, as what belongs to the old and the new version.
    pub(crate) fn by_age<T>(&self, client: T, server: T) -> (T, T) {
        match self.role {
            Role::Served => (client, server),
            Role::Called => (server, client),
        }
    }

    /// Places of client and server as places of the old and the new version.
    pub(crate) fn places(
        &self,
        client: Option<Spot<'t>>,
        server: Option<Spot<'t>>,
    ) -> (Option<change::Spot>, Option<change::Spot>) {
        self.by_age(client.map(Spot::place), server.map(Spot::place))
    }
}
