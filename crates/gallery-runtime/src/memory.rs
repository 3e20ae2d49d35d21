//! The memory of the machine: how much there is, and giving back what is no longer needed.

use std::fs;

use rustix::process::{Resource, getrlimit};

/// Where Linux says how much memory a container may have: cgroups version 2 and 1.
const CONTAINER: [&str; 2] = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];

/// The bytes of memory that this process can have: the machine's, or less where a container or a
/// limit on the process says so. `None` when nothing says anything.
pub fn available() -> Option<u64> {
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| total(&text));
    let container =
        CONTAINER.iter().filter_map(|path| fs::read_to_string(path).ok()?.trim().parse().ok()).min();
    let process = getrlimit(Resource::As).current;
    [machine, container, process].into_iter().flatten().min()
}

/// `MemTotal` of `/proc/meminfo`, in bytes.
fn total(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// What glibc's allocator is told: blocks of a mebibyte and more are given back when they are
/// freed, always; threads share two pools for the rest; and large blocks are asked for in huge
/// pages, as getting them page by page was a tenth of a photo's processor time.
#[cfg(target_env = "gnu")]
const TUNABLES: &str = "glibc.malloc.arena_max=2:glibc.malloc.mmap_threshold=1048576:\
                        glibc.malloc.trim_threshold=1048576:glibc.malloc.hugetlb=1";

/// Says that the program has started itself anew.
#[cfg(target_env = "gnu")]
const MARK: &str = "GALLERY_STARTED_ANEW";

/// Makes the allocator give memory back. glibc's keeps the 19 MiB that a password hash took, and
/// what decoding a photo took, once for every thread that ever did it (ADR 8 has figures). Without
/// unsafe code such advice is given in the environment only, and only at the start, so the program
/// starts itself anew: the process stays the same. To be called before anything else. When the
/// advice was given already, or cannot be given, nothing happens.
pub fn give_back() {
    #[cfg(target_env = "gnu")]
    {
        use std::os::unix::process::CommandExt;
        const VARIABLE: &str = "GLIBC_TUNABLES";

        // glibc takes the advice away from programs with capabilities of their own: the mark stays.
        let is_given = [VARIABLE, MARK].iter().any(|name| std::env::var_os(name).is_some());
        let mut arguments = std::env::args_os();
        if let (false, Ok(program), Some(name)) = (is_given, std::env::current_exe(), arguments.next()) {
            let mut anew = std::process::Command::new(program);
            // Comes back only when it fails.
            let _ = anew.arg0(name).args(arguments).env(VARIABLE, TUNABLES).env(MARK, "1").exec();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_has_memory() {
        let available = available().unwrap();
        assert!(available > 16 << 20, "{available}");
    }

    #[test]
    fn meminfo_is_read_in_kibibytes() {
        assert_eq!(total("MemTotal:       16384 kB\nMemFree: 1 kB\n"), Some(16 << 20));
        assert_eq!(total("MemFree: 1 kB\n"), None);
        assert_eq!(total("MemTotal: many kB\n"), None);
    }
}
