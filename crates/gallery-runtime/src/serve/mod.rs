//! Serving: from a configuration to a site that answers, and from a signal to an orderly end.
//!
//! * `listener` accepts connections, `connection` serves one of them under the limits that
//!   `minimum_rate` measures, and `framing` tells it where a request ends; `unasked` gives the
//!   site's headers to what hyper answers by itself,
//! * `files` asks the system for enough open files.
//!
//! The port is opened first: when another process has it, nothing on the disk has been touched.

mod connection;
mod files;
mod framing;
mod listener;
mod minimum_rate;
#[cfg(test)]
mod tests;
mod unasked;

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use gallery_core::Gallery;
use gallery_core::texts::{Argument, Language, Text};
use gallery_web::{Web, WebSettings};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

pub use connection::Timeouts;
pub use listener::{Listener, bind};
pub use minimum_rate::MinimumRate;

use crate::admin;
use crate::config::{Config, Derived, Server};
use crate::failure::OrSay as _;
use crate::folder::DataFolder;
use crate::metrics::{Measured, Metrics, Page};
use crate::variant::{self, Opened, Purpose, Variant};
use crate::workers::Workers;

/// Connections to the metrics at one moment.
const METRICS_CONNECTIONS: u32 = 16;

/// Serves until SIGTERM or SIGINT; whoever started it reads this language.
pub async fn run<V: Variant>(
    variant: &V,
    mut config: Config,
    mut derived: Derived,
    language: Language,
) -> Result<()> {
    let mut signals = Signals::listen()?;
    let socket = bind(config.server.listen, "server.listen").await?;
    let metrics_socket = match config.metrics.listen {
        Some(address) => Some(bind(address, "metrics.listen").await?),
        None => None,
    };
    if config.server.listen.port() == 0 {
        // The system chose one, and the base URL may follow from it.
        config.server.listen = socket.local_addr()?;
        derived = config.check()?;
    }
    let opened = variant::open(variant, &config, &derived, Purpose::Serve).await?;
    let Opened { folder, gallery, image_origins, places, close } = opened;
    let settings = WebSettings {
        base_url: derived.base_url.clone(),
        trusted_proxies: derived.trusted_proxies.clone(),
        image_origins,
    };
    let web = Web::new(gallery.clone(), settings);
    let max_connections = files::connections(config.server.max_connections);
    let timeouts = timeouts(&config.server);
    let metrics = Arc::new(Metrics::default());
    let site = Measured { endpoint: gallery_web::app(web.clone()), metrics: metrics.clone() };
    let listener = Listener::new(socket, site, timeouts, max_connections, metrics.clone())
        .with_headers(&web.security_headers());
    let poll = Duration::from_secs(config.workers.poll_seconds);
    let workers = Workers::start(&gallery, &metrics, config.workers.count, poll);
    let commands = commands(variant, &derived, &folder, &gallery).await;
    greet(&greeting(&config, &derived, places, language), &derived);

    let stop = CancellationToken::new();
    let grace = Duration::from_secs(config.server.drain_seconds);
    let serving = tokio::spawn(listener.run(stop.clone(), grace));
    if let Some(socket) = metrics_socket {
        // Apart from the site, so that it can be looked at when the site has too many connections.
        let page = Listener::new(socket, Page(metrics.clone()), timeouts, METRICS_CONNECTIONS, metrics);
        tokio::spawn(page.run(stop.clone(), Duration::ZERO));
    }
    signals.next().await;
    tracing::info!("stopping: not ready from now on, requests and jobs under way are finished");
    web.drain();
    let delay = Duration::from_secs(config.server.drain_delay_seconds);
    let ending = async {
        tokio::time::sleep(delay).await;
        stop.cancel();
        let (served, ()) = tokio::join!(serving, workers.stop(grace));
        // No command delays the stop: one that outlives requests and jobs is dropped.
        if let Some(commands) = commands {
            commands.stop().await;
        }
        close.await;
        served.or_say(|| Text::new("start-listener-died"))
    };
    tokio::select! {
        ended = ending => ended?,
        () = signals.next() => tracing::warn!("asked a second time: stopping at once"),
    }
    tracing::info!("stopped");
    Ok(())
}

/// Takes admin commands at a socket, if the store is this process's alone. The site is served
/// without the socket, too.
async fn commands<V: Variant>(
    variant: &V,
    derived: &Derived,
    folder: &DataFolder,
    gallery: &Gallery,
) -> Option<admin::Server> {
    let store = admin::Store::new(folder, &variant.exclusive_store(derived, folder)?);
    let started = admin::Server::start(folder.path(), store, gallery.clone()).await;
    let refusal = |error: &anyhow::Error| {
        let error = format!("{error:#}");
        tracing::warn!(error, "`admin` will be refused as long as this server runs");
    };
    started.inspect_err(refusal).ok()
}

fn timeouts(server: &Server) -> Timeouts {
    Timeouts {
        header: Duration::from_secs(server.header_seconds),
        keep_alive: Duration::from_secs(server.keep_alive_seconds),
        minimum_rate: MinimumRate {
            longest: Duration::from_secs(server.slow_client_grace_seconds),
            bytes_per_second: server.min_bytes_per_second,
        },
    }
}

/// Where everything is, as a person is told.
fn greeting(config: &Config, derived: &Derived, places: Vec<(Text, Argument)>, language: Language) -> String {
    let ready =
        Text::new("cli-ready").with("site", &config.site.name).with("url", &derived.mail_settings.base_url);
    let mut table = Vec::new();
    if config.server.base_url.is_some() {
        let listen = config.server.listen.to_string();
        table.push((Text::new("cli-place-listening"), listen.into()));
    }
    if let Some(listen) = config.metrics.listen {
        table.push((Text::new("cli-place-metrics"), format!("http://{listen}/metrics").into()));
    }
    table.extend(places);
    let table: Vec<_> = table
        .into_iter()
        .map(|(what, place)| (what.in_language(language), place.in_language(language)))
        .collect();
    let width = table.iter().map(|(what, _)| what.chars().count()).max().unwrap_or_default();
    let mut lines = vec![ready.in_language(language)];
    lines.extend(table.into_iter().map(|(what, place)| format!("  {what:<width$}  {place}")));
    lines.push(Text::new("cli-stop").in_language(language));
    lines.join("\n") + "\n"
}

/// Says on standard output where everything is, and warns in the log of what is not protected.
fn greet(text: &str, derived: &Derived) {
    let mut out = std::io::stdout().lock();
    // Who started it may not read; that is no reason to stop.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    if derived.is_exposed() {
        tracing::warn!(
            base_url = derived.mail_settings.base_url,
            "WITHOUT HTTPS, passwords, cookies and photos cross the network in the clear: put a proxy with TLS in \
             front and set `server.base_url` to its https address"
        );
    }
}

/// The signals that ask for the end.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
