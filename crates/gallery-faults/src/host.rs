//! The thread, the listener and the gate that every proxy has.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

use crate::gate::{Flow, Gate};
use crate::line::{Fate, Line};

/// Where connections of a proxy run; all of them end when it is dropped.
pub struct Host {
    address: SocketAddr,
    gate: Arc<Gate>,
    /// Only `None` while it is dropped.
    runtime: Option<Runtime>,
}

impl Host {
    /// Listens on a free port of the loopback and gives each connection to `serve`, until the gate
    /// is cut.
    pub fn start<Service, Served>(serve: Service) -> Self
    where
        Service: Fn(Line, Arc<Gate>) -> Served + Send + 'static,
        Served: Future<Output = ()> + Send + 'static,
    {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(1).enable_all().thread_name("fault-proxy");
        let runtime = builder.build().expect("a thread for the fault proxy");
        let socket = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port of the loopback");
        let address = socket.local_addr().expect("a bound address");
        socket.set_nonblocking(true).expect("a socket that does not block");
        let gate = Arc::new(Gate::new());
        let watched = Arc::clone(&gate);
        runtime.spawn(async move {
            let listener = TcpListener::from_std(socket).expect("a listener of this runtime");
            accept(listener, watched, serve).await;
        });
        Self { address, gate, runtime: Some(runtime) }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Opens, stalls or cuts everything.
    pub fn set(&self, flow: Flow) {
        self.gate.set(flow);
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Waits for nothing: a hanging request would be waited for in vain.
            runtime.shutdown_background();
        }
    }
}

async fn accept<Service, Served>(listener: TcpListener, gate: Arc<Gate>, serve: Service)
where
    Service: Fn(Line, Arc<Gate>) -> Served + Send + 'static,
    Served: Future<Output = ()> + Send + 'static,
{
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, or gone before it was accepted: the next one may do better.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let fate = Fate::default();
        let line = Line::new(stream, fate.clone());
        let Some(era) = gate.admit() else {
            fate.doom();
            continue;
        };
        let served = serve(line, Arc::clone(&gate));
        let gate = Arc::clone(&gate);
        let cut = async move {
            gate.cut(era).await;
            fate.doom();
        };
        tokio::spawn(async move {
            tokio::select! {
                // The cut first: what comes after it must not pass.
                biased;
                () = cut => {}
                () = served => {}
            }
        });
    }
}
