//! How long a start takes, and how much memory a gallery takes that nobody uses.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::{Duration, Instant};

use gallery_tests::server::{Launch, free_port};

/// From spawning the process to the first 200 of `/healthz`. The process is killed then.
pub fn time(launch: &Launch) -> Duration {
    let address = format!("127.0.0.1:{}", free_port());
    let mut command = launch.command(&[]);
    command.env("GALLERY__SERVER__LISTEN", &address).stdout(Stdio::null()).stderr(Stdio::null());
    let started = Instant::now();
    let mut child = command.spawn().expect("the gallery starts");
    while !is_healthy(&address) {
        assert!(started.elapsed() < Duration::from_secs(30), "the gallery does not answer");
        std::thread::sleep(Duration::from_micros(500));
    }
    let took = started.elapsed();
    child.kill().and_then(|()| child.wait()).expect("the gallery ends");
    took
}

/// The median of some times.
pub fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.collect();
    times.sort();
    times[times.len() / 2]
}

/// Resident memory in KiB of a gallery that was left alone for a while.
pub async fn resident_memory_after(launch: &Launch, pause: Duration) -> u64 {
    let server = launch.clone().start().await;
    tokio::time::sleep(pause).await;
    resident_memory(server.id())
}

/// `VmRSS` of a process, in KiB.
pub fn resident_memory(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("the process runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
    line.trim().trim_end_matches(" kB").parse().expect("a number of KiB")
}

fn is_healthy(address: &str) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")?;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer)?;
        Ok(answer.ends_with(b"200"))
    };
    ask().unwrap_or(false)
}
