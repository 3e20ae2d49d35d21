//! Whether traffic flows, is held back, or is cut off; one for each proxy, watched by all its
//! connections.

use tokio::sync::watch;

/// What becomes of traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// It passes.
    Open,
    /// Connections stay and are accepted; nothing passes until the gate opens.
    Stalled,
    /// Connections are reset, and so is every new one.
    Cut,
}

/// The gate's state. A cut begins a new era, so that a connection of the last one ends even if the
/// gate opens again before the connection looks.
#[derive(Clone, Copy)]
struct State {
    flow: Flow,
    era: u64,
}

/// A gate.
pub struct Gate(watch::Sender<State>);

impl Gate {
    /// An open gate.
    pub fn new() -> Self {
        Self(watch::Sender::new(State { flow: Flow::Open, era: 0 }))
    }

    /// Opens, stalls or cuts.
    pub fn set(&self, flow: Flow) {
        self.0.send_modify(|state| {
            state.era += u64::from(flow == Flow::Cut);
            state.flow = flow;
        });
    }

    /// The era of a connection that begins now; `None` when it must not begin.
    pub fn admit(&self) -> Option<u64> {
        let state = *self.0.borrow();
        (state.flow != Flow::Cut).then_some(state.era)
    }

    /// Waits until traffic may pass.
    pub async fn opened(&self) {
        self.wait(|state| state.flow == Flow::Open).await;
    }

    /// Waits for the cut that ends connections of this era.
    pub async fn cut(&self, era: u64) {
        self.wait(|state| state.era != era).await;
    }

    async fn wait(&self, until: impl FnMut(&State) -> bool) {
        // The sender is `self`, so the channel cannot close while somebody waits here.
        let _ = self.0.subscribe().wait_for(until).await;
    }
}
