//! Threads that carry connections, each of them some, from the first byte to the last: whatever an
//! exchange wakes runs where it was woken, and no thread waits for another. It refuses to know what
//! connections carry.

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// How long a thread that ends waits for names that are being looked up. Nobody needs the answer.
pub(crate) const LEFT_OVERS: Duration = Duration::from_secs(1);

/// As many threads as there are processors. They end when this is dropped, and with them what they
/// still carry.
#[derive(Debug)]
pub(crate) struct Crew(Vec<Worker>);

#[derive(Debug)]
struct Worker {
    runtime: Handle,
    /// Held by every connection that is carried here.
    load: Arc<()>,
    /// Ends the thread by being dropped.
    _end: oneshot::Sender<()>,
}

/// Starts the threads.
///
/// # Errors
/// The system gives no threads, or none that can wait for connections.
pub(crate) fn crew() -> io::Result<Crew> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    Ok(Crew((0..threads).map(worker).collect::<io::Result<_>>()?))
}

fn worker(number: usize) -> io::Result<Worker> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    let (end, ended) = oneshot::channel::<()>();
    thread::Builder::new().name(format!("tap-{number}")).spawn(move || {
        // Nothing is ever sent; the other end is dropped.
        drop(runtime.block_on(ended));
        runtime.shutdown_timeout(LEFT_OVERS);
    })?;
    Ok(Worker { runtime: handle, load: Arc::default(), _end: end })
}

impl Crew {
    /// Has a connection carried by the thread that carries the fewest, as one of `connections`.
    pub(crate) fn carry(
        &self,
        connections: &mut JoinSet<()>,
        work: impl Future<Output = ()> + Send + 'static,
    ) {
        let least = self.0.iter().min_by_key(|worker| Arc::strong_count(&worker.load));
        let Some(Worker { runtime, load, .. }) = least else { return };
        let load = Arc::clone(load);
        let carried = async move {
            work.await;
            drop(load);
        };
        connections.spawn_on(carried, runtime);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use tokio::sync::mpsc;

    #[tokio::test]
    async fn connections_are_divided_evenly() {
        let crew = Crew((0..3).map(|number| worker(number).unwrap()).collect());
        let (sender, mut names) = mpsc::unbounded_channel();
        let mut connections = JoinSet::new();
        for _ in 0..3 {
            let sender = sender.clone();
            crew.carry(&mut connections, async move {
                sender.send(thread::current().name().map(str::to_owned)).unwrap();
                std::future::pending::<()>().await;
            });
        }
        let mut seen = BTreeSet::new();
        for _ in 0..3 {
            seen.insert(names.recv().await.unwrap());
        }
        assert_eq!(seen.len(), 3);
        connections.shutdown().await;
        assert!(crew.0.iter().all(|worker| Arc::strong_count(&worker.load) == 1));
    }

    #[tokio::test]
    async fn what_is_left_ends_with_the_crew() {
        let crew = crew().unwrap();
        let (held, gone) = oneshot::channel::<()>();
        let mut connections = JoinSet::new();
        crew.carry(&mut connections, async move {
            // What a connection leaves behind, such as its upstream's.
            tokio::spawn(async move {
                std::future::pending::<()>().await;
                drop(held);
            });
        });
        connections.join_next().await.unwrap().unwrap();
        drop(crew);
        assert!(gone.await.is_err());
    }
}
