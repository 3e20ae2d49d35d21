//! Several galleries on one store behind one address, as a deployment has them: the same settings,
//! the same secret, the same folder for photos, and a load balancer that knows which of them are
//! ready.

use reqwest::Method;

use crate::haproxy::{Address, Haproxy, SERVED_BY};
use crate::member::Member;
use crate::server::Launch;
use crate::{Answer, Client, Outbox, Server, eventually};

/// Running instances behind a haproxy; killed when dropped.
pub struct Fleet {
    proxy: Haproxy,
    /// `None` while one is stopped.
    instances: Vec<Option<Server>>,
    launches: Vec<Launch>,
}

impl Fleet {
    /// Starts so many instances with these settings, one after the other, and the load balancer.
    pub async fn start(launch: &Launch, instances: usize) -> Self {
        let address = Address::take();
        let launch = launch
            .clone()
            .setting("GALLERY__SERVER__BASE_URL", &format!("http://127.0.0.1:{}", address.port()))
            .setting("GALLERY__SERVER__TRUSTED_PROXIES", "127.0.0.1");
        let mut servers = Vec::new();
        for _ in 0..instances {
            servers.push(launch.clone().start().await);
        }
        let proxy = address.start(&servers.iter().collect::<Vec<_>>());
        // Its address in the configuration is fixed, so one that starts again must take its port
        // again.
        let launches = servers.iter().map(|server| launch.clone().port(server.port())).collect();
        let fleet = Self { proxy, instances: servers.into_iter().map(Some).collect(), launches };
        for name in fleet.names() {
            fleet.serves(name).await;
        }
        fleet
    }

    /// The address of all of them.
    pub fn base_url(&self) -> String {
        self.proxy.base_url()
    }

    /// Somebody who has no cookie yet, and knows the one address.
    pub fn client(&self) -> Client {
        Client::new(&self.base_url())
    }

    /// Somebody of this name who signed up, confirmed the address and logged in, through the load
    /// balancer.
    pub async fn member(&self, name: &str) -> Member {
        Member::joining(self.client(), &self.outbox(), name).await
    }

    /// The mails that any of them sent.
    pub fn outbox(&self) -> Outbox {
        Outbox::at(&self.launches[0].data_folder().join("outbox"))
    }

    /// One of the instances, which are counted from 0; panics while it is stopped.
    pub fn instance(&self, number: usize) -> &Server {
        self.instances[number].as_ref().expect("the instance runs")
    }

    /// The name that the load balancer gives an instance: what [`served_by`] answers.
    pub fn name(number: usize) -> char {
        ('a'..='z').nth(number).expect("a small fleet")
    }

    /// Asks an instance to stop, as a deployment does, and waits until it has ended well.
    pub async fn stop_one(&mut self, number: usize) {
        self.instances[number].take().expect("the instance runs").stop().await;
    }

    /// Kills an instance without warning.
    pub fn kill_one(&mut self, number: usize) {
        self.instances[number].take().expect("the instance runs").kill();
    }

    /// Starts a stopped instance again, and waits until the load balancer sends requests to it.
    pub async fn start_one(&mut self, number: usize) {
        assert!(self.instances[number].is_none(), "the instance still runs");
        self.instances[number] = Some(self.launches[number].clone().start().await);
        self.serves(Self::name(number)).await;
    }

    /// Stops them all; panics unless each ends well. Answers how one was started, for `admin`
    /// commands.
    pub async fn stop(mut self) -> Launch {
        for instance in self.instances.iter_mut().filter_map(Option::take) {
            instance.stop().await;
        }
        self.launches.swap_remove(0)
    }

    fn names(&self) -> impl Iterator<Item = char> + use<> {
        (0..self.instances.len()).map(Self::name)
    }

    async fn serves(&self, name: char) {
        let what = format!("an answer of instance {name}; haproxy says: {}", self.proxy.log());
        let client = self.client();
        eventually(&what, async || {
            let answer = client.request(Method::GET, "/healthz").try_send().await.ok()?;
            (answer.status == 200 && served_by(&answer) == name).then_some(())
        })
        .await;
    }
}

/// The name of the instance that gave an answer; panics when it did not come through the load
/// balancer.
#[track_caller]
pub fn served_by(answer: &Answer) -> char {
    let name = answer.headers.get(SERVED_BY).and_then(|name| name.to_str().ok());
    let name = name.unwrap_or_else(|| panic!("{} was not answered through the load balancer", answer.asked));
    name.chars().next().expect("a name")
}
