//! Uploads, with as little work as possible: the kernel copies the files into the connections.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result, ensure};

/// Where the photos go, and who sends them.
pub struct Target {
    /// Address and port.
    pub host: String,
    /// The album's id.
    pub album: String,
    /// The field `Cookie`.
    pub cookie: String,
}

const BOUNDARY: &str = "9bb1d7f2c3a84e0c";

/// Uploads the files over so many connections, one after the other on each.
pub fn all(workers: usize, target: &Target, files: &[PathBuf]) -> Result<()> {
    let next = AtomicUsize::new(0);
    let work = || -> Result<()> {
        let mut connection = BufReader::new(TcpStream::connect(&target.host)?);
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            one(&mut connection, target, file).with_context(|| file.display().to_string())?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| worker.join().expect("no worker panics"))
    })
}

fn one(connection: &mut BufReader<TcpStream>, target: &Target, file: &Path) -> Result<()> {
    let Target { host, album, cookie } = target;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let mut file = File::open(file)?;
    let before = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: image/jpeg\r\n\r\n"
    );
    let after = format!("\r\n--{BOUNDARY}--\r\n");
    let length = before.len() as u64 + file.metadata()?.len() + after.len() as u64;
    let sender = connection.get_mut();
    write!(
        sender,
        "POST /api/v1/albums/{album}/photos HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\
         Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {length}\r\n\r\n{before}"
    )?;
    io::copy(&mut file, sender)?;
    sender.write_all(after.as_bytes())?;
    read_answer(connection)
}

/// Reads an answer to its end; an error unless it is 201.
fn read_answer(connection: &mut BufReader<TcpStream>) -> Result<()> {
    let mut status = String::new();
    connection.read_line(&mut status)?;
    let mut length = None;
    loop {
        let mut field = String::new();
        connection.read_line(&mut field)?;
        let Some((name, value)) = field.split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = Some(value.trim().parse::<usize>()?);
        }
    }
    let mut body = vec![0; length.context("an answer without length")?];
    connection.read_exact(&mut body)?;
    ensure!(status.starts_with("HTTP/1.1 201 "), "{status}{}", String::from_utf8_lossy(&body));
    Ok(())
}
