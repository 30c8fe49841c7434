//! The receiver itself: takes connections on any number of listeners, a bounded number at once, and
//! lets requests finish when it closes. It refuses to know what they say.

use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::answer::Desk;
use super::connection;
use super::options::Options;
use super::queue::Queue;
use super::room::Room;
use super::token::Token;
use crate::proxy::{Closed, accept, drain};
use crate::shutdown::Closing;
use crate::tls::ServerTls;

/// What a receiver is made of.
#[derive(Debug, Clone)]
pub struct Receiver {
    /// What it shows to senders; none for plain connections.
    pub tls: Option<ServerTls>,
    /// What senders must show; none to let everybody in.
    pub token: Option<Token>,
    /// How much it takes.
    pub options: Options,
    /// Where requests go.
    pub queue: Queue,
}

/// Takes requests until `closing`, then takes no more connections and gives those it has
/// `options.drain` to finish. Each listener takes HTTP and gRPC alike.
///
/// Bounds are in [`Options`]. Whatever happens behind the queue, senders are answered at once.
pub async fn serve(listeners: Vec<TcpListener>, receiver: Receiver, closing: Closing) -> Closed {
    let options = receiver.options;
    let desk = Arc::new(Desk {
        queue: receiver.queue,
        token: receiver.token,
        options,
        arriving: Room::new(options.arriving_bytes_max),
    });
    // Each listener holds a permit for the connection it waits for.
    let permits = Arc::new(Semaphore::new(options.connections_max.max(listeners.len())));
    let mut listening = JoinSet::new();
    for listener in listeners {
        let hall = Hall {
            listener,
            permits: Arc::clone(&permits),
            desk: Arc::clone(&desk),
            tls: receiver.tls.clone(),
        };
        listening.spawn(welcome(hall, closing.clone()));
    }
    let mut cut = 0;
    while let Some(closed) = listening.join_next().await {
        cut += closed.map_or(0, |Closed { cut }| cut);
    }
    Closed { cut }
}

/// What taking connections needs.
struct Hall {
    listener: TcpListener,
    permits: Arc<Semaphore>,
    desk: Arc<Desk>,
    tls: Option<ServerTls>,
}

async fn welcome(hall: Hall, mut closing: Closing) -> Closed {
    let Hall { listener, permits, desk, tls } = hall;
    let server = Arc::new(connection::server());
    let mut connections = JoinSet::new();
    loop {
        let (stream, permit) = tokio::select! {
            accepted = accept(&listener, &permits) => accepted,
            () = closing.begun() => break,
        };
        while connections.try_join_next().is_some() {}
        let (tls, server, desk, closing) =
            (tls.clone(), Arc::clone(&server), Arc::clone(&desk), closing.clone());
        connections.spawn(async move {
            connection::serve(stream, tls, server, desk, closing).await;
            drop(permit);
        });
    }
    drop(listener);
    drain(connections, desk.options.drain).await
}
