//! The socket's file in the data folder: bound by the server that has the store, and reached by
//! `admin`.
//!
//! The store's lock decides who may bind it: a server binds after it has opened the store, and
//! removes the file before it gives the store up. So a file that nobody listens at is left over,
//! and is replaced. Must not know what is said over the socket. Tests are beside the code.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _};
use std::os::unix::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use gallery_core::texts::Text;
use tokio::net::{UnixListener, UnixStream};

use crate::failure::{Failure, OrSay as _};

/// The socket's name in the data folder.
const NAME: &str = "admin.sock";
/// Its name until it has its mode.
const DRAFT: &str = "admin.sock.new";
/// The superuser.
const ROOT: u32 = 0;

/// Where the socket of this data folder is.
pub fn path(folder: &Path) -> PathBuf {
    folder.join(NAME)
}

/// A bound socket's file; removed when dropped, unless another has taken its place.
#[derive(Debug)]
pub struct SocketFile {
    path: PathBuf,
    identity: (u64, u64),
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if identity(&self.path).is_ok_and(|now| now == self.identity) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Binds the socket, which only this user may use. An error, for the server's log, when another
/// process listens there, or something else than a socket has its name.
pub async fn bind(folder: &Path) -> Result<(UnixListener, SocketFile)> {
    let path = path(folder);
    match fs::symlink_metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("cannot look at {}", path.display())),
        Ok(there) => {
            ensure!(there.file_type().is_socket(), "{} is there and is no socket", path.display());
            match connect(folder).await {
                Err(error) if is_left_over(&error) => {}
                Err(error) => return Err(error).with_context(|| format!("cannot try {}", path.display())),
                Ok(_) => bail!("another process listens at {}", path.display()),
            }
        }
    }
    bind_draft(folder, &path).with_context(|| format!("cannot make the socket {}", path.display()))
}

/// Nobody sees the socket before it has its mode, and no moment is without one.
fn bind_draft(folder: &Path, path: &Path) -> io::Result<(UnixListener, SocketFile)> {
    let draft = folder.join(DRAFT);
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(Address::of(folder, DRAFT)?.path())?;
    fs::set_permissions(&draft, Permissions::from_mode(0o600))?;
    fs::rename(&draft, path)?;
    Ok((listener, SocketFile { path: path.to_owned(), identity: identity(path)? }))
}

/// Connects to whoever listens at the socket.
pub async fn connect(folder: &Path) -> io::Result<UnixStream> {
    UnixStream::connect(Address::of(folder, NAME)?.path()).await
}

/// Whether connecting failed because nobody listens.
pub fn is_left_over(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::NotFound)
}

/// An error, which names the user, unless the process at the other end is this user's, the
/// superuser's, or one of these users'.
pub fn check_peer(stream: &UnixStream, others: &[u32]) -> Result<()> {
    let peer = stream.peer_cred().or_say(|| Text::new("admin-peer-unknown"))?.uid();
    let this = rustix::process::geteuid().as_raw();
    if is_trusted(peer, this, others) {
        return Ok(());
    }
    Err(Failure::new(Text::new("admin-peer-stranger").with("user", peer.to_string())).into())
}

fn is_trusted(peer: u32, this: u32, others: &[u32]) -> bool {
    peer == this || peer == ROOT || others.contains(&peer)
}

/// The owner of a folder.
pub fn owner(folder: &Path) -> io::Result<u32> {
    Ok(fs::metadata(folder)?.uid())
}

/// A file never has another's while it is there.
fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let metadata = fs::symlink_metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}

/// A path that the system takes for a socket: of at most 107 bytes. A longer one is shortened by
/// way of the folder's descriptor, which lives as long as this value.
struct Address {
    path: PathBuf,
    _folder: Option<File>,
}

impl Address {
    fn of(folder: &Path, name: &str) -> io::Result<Self> {
        let path = folder.join(name);
        if SocketAddr::from_pathname(&path).is_ok() {
            return Ok(Self { path, _folder: None });
        }
        let folder = File::open(folder)?;
        let path = Path::new("/proc/self/fd").join(folder.as_raw_fd().to_string()).join(name);
        Ok(Self { path, _folder: Some(folder) })
    }

    fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Folders whose sockets have a short, a barely short enough, a barely too long and a very long
    /// path.
    fn folders(parent: &Path) -> Vec<PathBuf> {
        let fill = |bytes: usize| bytes.saturating_sub(parent.as_os_str().len() + "//".len() + NAME.len());
        let mut folders = vec![parent.join("data")];
        folders.extend([107, 108, 109].map(|bytes| parent.join("x".repeat(fill(bytes)))));
        folders.push(parent.join("x".repeat(200)).join("y".repeat(200)));
        for folder in &folders {
            fs::create_dir_all(folder).unwrap();
        }
        folders
    }

    #[tokio::test]
    async fn however_long_the_folders_path_is_the_socket_is_reached_and_private() {
        let parent = tempfile::tempdir().unwrap();
        for folder in folders(parent.path()) {
            let (listener, file) = bind(&folder).await.unwrap();
            let metadata = fs::metadata(path(&folder)).unwrap();
            assert!(metadata.file_type().is_socket());
            assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
            let (client, accepted) = tokio::join!(connect(&folder), listener.accept());
            check_peer(&client.unwrap(), &[]).unwrap();
            check_peer(&accepted.unwrap().0, &[]).unwrap();
            drop((listener, file));
            assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        }
    }

    #[tokio::test]
    async fn a_socket_that_nobody_listens_at_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (listener, file) = bind(folder.path()).await.unwrap();
        // As after SIGKILL, perhaps amid binding.
        std::mem::forget(file);
        drop(listener);
        fs::write(folder.path().join(DRAFT), "").unwrap();
        assert!(is_left_over(&connect(folder.path()).await.unwrap_err()));

        let (_listener, file) = bind(folder.path()).await.unwrap();
        connect(folder.path()).await.unwrap();
        drop(file);
        assert!(is_left_over(&connect(folder.path()).await.unwrap_err()));
    }

    #[tokio::test]
    async fn a_socket_in_use_and_what_is_no_socket_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let bound = bind(folder.path()).await.unwrap();
        let refusal = bind(folder.path()).await.unwrap_err().to_string();
        assert!(refusal.starts_with("another process listens at "), "{refusal}");
        connect(folder.path()).await.unwrap();
        drop(bound);

        fs::write(path(folder.path()), "text").unwrap();
        let refusal = bind(folder.path()).await.unwrap_err().to_string();
        assert!(refusal.ends_with(" is no socket"), "{refusal}");
        assert_eq!(fs::read_to_string(path(folder.path())).unwrap(), "text");
    }

    #[tokio::test]
    async fn only_its_own_file_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let (_listener, file) = bind(folder.path()).await.unwrap();
        fs::remove_file(path(folder.path())).unwrap();
        let (_other, _file) = bind(folder.path()).await.unwrap();
        drop(file);
        connect(folder.path()).await.unwrap();
    }

    #[test]
    fn only_this_user_the_superuser_and_those_named_are_trusted() {
        assert!(is_trusted(1000, 1000, &[]) && is_trusted(ROOT, 1000, &[]));
        assert!(is_trusted(1001, 1000, &[1001]) && is_trusted(1001, ROOT, &[1001]));
        assert!(!is_trusted(1001, 1000, &[]) && !is_trusted(1001, ROOT, &[]));
        assert!(!is_trusted(1001, 1000, &[1002]));
    }

    #[tokio::test]
    async fn a_folder_that_takes_no_socket_is_named() {
        let refusal = format!("{:#}", bind(Path::new("/proc/self")).await.unwrap_err());
        assert!(refusal.starts_with("cannot make the socket /proc/self/admin.sock: "), "{refusal}");
    }
}
