//! Photos per second of the pipeline by itself beside `vipsthumbnail`, and of uploads through the
//! API beside the pipeline: rounds in turns over the same files, by `GALLERY_IMAGING_BIN`. What
//! runs is one process and its children at a time, so that the memory that GNU `time` reads is
//! theirs.

use std::ffi::OsString;
use std::fs;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread::available_parallelism;
use std::time::Instant;

use gallery_tests::photos::camera_files;
use gallery_tests::{Launch, Person, Server, Variant};
use tempfile::TempDir;

use crate::figure::{Figure, binary, mebibytes};
use crate::load::{Rates, session_of};

/// Rounds of each.
const ROUNDS: usize = 3;

/// The aims: photos per second beside vipsthumbnail's; uploads per second beside the pipeline's.
const FASTER: f64 = 1.5;
const SHARE: f64 = 0.8;

/// The longest sides of the renditions.
const SIDES: [u32; 3] = [2048, 1024, 320];

/// The quality at which vipsthumbnail's JPEGs are as good as the gallery's
/// (`docs/adr/0014-renditions-are-jpeg.md`), and its default.
const AS_GOOD: u32 = 82;
const AS_IT_COMES: u32 = 75;

/// Of one format alone, how often a file is worked on in a round.
const COPIES: usize = 4;

/// What is measured with.
struct Bench {
    workers: usize,
    folder: TempDir,
    /// What the gallery's processes tell their allocator.
    allocator: Option<OsString>,
}

/// What the rounds of one program came to.
#[derive(Default)]
struct Runs {
    /// Photos per second.
    rates: Vec<f64>,
    /// The most memory of one process, in KiB.
    peaks: Vec<f64>,
}

/// A gallery that is uploaded to.
struct Uploads {
    server: Server,
    person: Person,
    name: &'static str,
    /// By the number of uploads at once.
    runs: [(usize, Runs); 2],
}

/// Measures, and prints three tables.
pub async fn run() {
    let mut uploads = [Uploads::to(Variant::Sql).await, Uploads::to(Variant::NoSql).await];
    let bench = Bench::beside(&uploads[0].server);
    let (made, real) = (bench.make_photos(), camera_files("large"));
    bench.print_photos(&made, &real);
    let files = [made, real].concat();
    let (mut pipeline, mut as_good, mut as_it_comes) = (Runs::default(), Runs::default(), Runs::default());
    for _ in 0..ROUNDS {
        pipeline.add(&files, bench.pipeline(&files).expect("every photo is one"));
        as_good.add(&files, bench.vipsthumbnail(&files, AS_GOOD).expect("every photo is one"));
        as_it_comes.add(&files, bench.vipsthumbnail(&files, AS_IT_COMES).expect("every photo is one"));
        for gallery in &mut uploads {
            gallery.round(&bench, &files).await;
        }
    }
    print_pipeline(&pipeline, bench.workers, [(AS_GOOD, &as_good), (AS_IT_COMES, &as_it_comes)]);
    print_uploads(&uploads, &pipeline);
    for gallery in uploads {
        gallery.server.stop().await;
    }
    bench.print_formats();
}

impl Bench {
    fn beside(server: &Server) -> Self {
        let environment = fs::read(format!("/proc/{}/environ", server.id())).expect("the gallery runs");
        let allocator = environment.split(|&byte| byte == 0).find_map(|pair| {
            Some(String::from_utf8_lossy(pair.strip_prefix(b"GLIBC_TUNABLES=")?).into_owned().into())
        });
        let workers = available_parallelism().map_or(1, NonZeroUsize::get);
        Self { workers, folder: tempfile::tempdir().expect("a temporary folder"), allocator }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The JPEGs.
    fn make_photos(&self) -> Vec<PathBuf> {
        let made = Command::new(binary("GALLERY_IMAGING_BIN")).arg("make").arg(self.folder.path()).status();
        assert!(made.is_ok_and(|status| status.success()), "photos can be made");
        let entries = fs::read_dir(self.folder.path()).expect("the folder of photos");
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a photo").path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "jpg"));
        files.sort();
        files
    }

    /// The gallery's pipeline in a process of its own. `None` when it refuses one of the files.
    fn pipeline(&self, files: &[PathBuf]) -> Option<(f64, f64)> {
        let mut command = self.measured(binary("GALLERY_IMAGING_BIN"));
        command.args(["process", &self.workers.to_string()]).args(files);
        command.envs(self.allocator.iter().map(|advice| ("GLIBC_TUNABLES", advice)));
        self.run(&mut command)
    }

    /// The same three sizes by `vipsthumbnail`, which makes one of them each time: upright, in
    /// sRGB, without metadata, never enlarged.
    fn vipsthumbnail(&self, files: &[PathBuf], quality: u32) -> Option<(f64, f64)> {
        let renditions = self.path("renditions");
        fs::create_dir_all(&renditions).expect("a folder");
        let mut arguments = Vec::new();
        for file in files {
            for side in SIDES {
                let rendition = renditions.join(format!("%s-{side}.jpg[Q={quality},strip]"));
                arguments.extend([format!("--size={side}x{side}>"), "--eprofile=srgb".to_owned()]);
                arguments.push(format!("--output={}", rendition.display()));
                arguments.push(file.display().to_string());
            }
        }
        let list = self.path("arguments");
        fs::write(&list, arguments.join("\0")).expect("room for arguments");
        let mut command = self.measured("xargs");
        command.args(["-0", "-n4", "-P", &self.workers.to_string(), "vipsthumbnail"]);
        command.stdin(fs::File::open(&list).expect("the arguments"));
        self.run(&mut command)
    }

    /// A program under GNU `time`, which reads the most memory that it, or one of its children,
    /// had.
    fn measured(&self, program: impl Into<OsString>) -> Command {
        let mut command = Command::new("time");
        command.arg("-q").args(["-f", "%M", "-o"]).arg(self.path("peak")).arg(program.into());
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command
    }

    /// Seconds and KiB; `None` when it fails.
    fn run(&self, command: &mut Command) -> Option<(f64, f64)> {
        let started = Instant::now();
        let status = command.status().expect("GNU time runs; `cargo xtask bench` installs it");
        let seconds = started.elapsed().as_secs_f64();
        let peak = fs::read_to_string(self.path("peak")).expect("the peak");
        status.success().then(|| (seconds, peak.trim().parse().expect("a number of KiB")))
    }

    fn print_photos(&self, made: &[PathBuf], real: &[PathBuf]) {
        let bytes: u64 = made.iter().map(|file| fs::metadata(file).map_or(0, |file| file.len())).sum();
        let workers = self.workers;
        println!(
            "\nJPEGs: {} made by the bench, 5–24 megapixels (with colour at half the resolution and texture as in photos, {} MB in \
             all), and {} of the collection. Workers: {workers}. Median of {ROUNDS} rounds (least–most). Aims: {FASTER} times \
             the photos per second of vipsthumbnail with no more memory for a worker; uploads: {SHARE} of the pipeline's.\n",
            made.len(),
            bytes / 1_000_000,
            real.len()
        );
    }

    /// Formats other than JPEG, and one JPEG by each of the decoders: no aim.
    fn print_formats(&self) {
        let made = [
            ("JPEG, 12 megapixels", "sound.jpeg"),
            ("the same without its end", "damaged.jpeg"),
            ("PNG, 12 megapixels", "other.png"),
            ("WebP without loss, 12 megapixels", "other.webp"),
        ];
        let made = made.map(|(name, file)| (name, vec![self.path(file)]));
        let heic =
            camera_files("heic").into_iter().filter(|file| file.extension().is_some_and(|end| end == "HEIC"));
        println!("\n| one format alone, photos per second | gallery's pipeline | vipsthumbnail | ratio |");
        println!("| --- | ---: | ---: | ---: |");
        for (name, files) in made.into_iter().chain([("HEIC of a phone", heic.collect())]) {
            if files.is_empty() {
                continue;
            }
            let files: Vec<PathBuf> = files.iter().cycle().take(COPIES * files.len()).cloned().collect();
            let (mut gallery, mut vipsthumbnail) = (Runs::default(), Runs::default());
            for _ in 0..ROUNDS {
                self.pipeline(&files).into_iter().for_each(|run| gallery.add(&files, run));
                self.vipsthumbnail(&files, AS_GOOD)
                    .into_iter()
                    .for_each(|run| vipsthumbnail.add(&files, run));
            }
            println!(
                "| {name} | {} | {} | {} |",
                gallery.text(),
                vipsthumbnail.text(),
                gallery.beside(&vipsthumbnail)
            );
        }
    }
}

impl Runs {
    #[expect(clippy::cast_precision_loss, reason = "few files")]
    fn add(&mut self, files: &[PathBuf], (seconds, peak): (f64, f64)) {
        self.rates.push(files.len() as f64 / seconds);
        self.peaks.push(peak);
    }

    fn rates(&self) -> Option<Rates> {
        (!self.rates.is_empty()).then(|| self.rates.iter().copied().collect())
    }

    fn rate(&self) -> f64 {
        self.rates().map_or(f64::NAN, |rates| rates.median())
    }

    fn text(&self) -> String {
        self.rates().map_or_else(|| "refused".to_owned(), |rates| rates.to_string())
    }

    /// The median of the most memory.
    fn peak(&self) -> f64 {
        self.peaks.iter().copied().collect::<Rates>().median()
    }

    fn beside(&self, other: &Self) -> String {
        let ratio = self.rate() / other.rate();
        if ratio.is_nan() { "–".to_owned() } else { format!("{ratio:.2}") }
    }
}

impl Uploads {
    async fn to(variant: Variant) -> Self {
        let launch = Launch::of(variant);
        let name = launch.name();
        let server = launch.start().await;
        let person = server.member("ann").await.person.clone();
        let workers = available_parallelism().map_or(1, NonZeroUsize::get);
        Self { server, person, name, runs: [workers, 2 * workers].map(|at_once| (at_once, Runs::default())) }
    }

    /// Uploads the files with each number of connections.
    async fn round(&mut self, bench: &Bench, files: &[PathBuf]) {
        for (at_once, runs) in &mut self.runs {
            // Another session each time: a token is replaced after a minute.
            let client = self.server.client();
            client.log_in(&self.person).await;
            let album = client.album("Bulk").await;
            let cookie = session_of(&client);
            let cookie = cookie.strip_prefix("cookie: ").expect("a header field");
            let host = self.server.base_url().replace("http://", "");
            let mut command = bench.measured(binary("GALLERY_IMAGING_BIN"));
            command.args(["upload", &at_once.to_string(), &host, &album, cookie]).args(files);
            runs.add(files, bench.run(&mut command).expect("every upload is taken"));
        }
    }
}

fn print_pipeline(gallery: &Runs, workers: usize, others: [(u32, &Runs); 2]) {
    println!(
        "| three renditions of each photo | photos per second | the pipeline's ratio | peak memory of a worker |"
    );
    println!("| --- | ---: | ---: | ---: |");
    let workers = f64::from(u32::try_from(workers).unwrap_or(u32::MAX));
    let most = others.iter().map(|(_, runs)| runs.peak()).fold(f64::INFINITY, f64::min);
    let peak = gallery.peak() / workers;
    let memory = Figure { text: megabytes(peak), missed: peak > most }.marked();
    println!(
        "| gallery's pipeline, with thumbhash, metadata and SHA-256 | {} | | {memory} |",
        gallery.text()
    );
    for (quality, runs) in others {
        let missed = gallery.rate() < FASTER * runs.rate();
        let ratio = Figure { text: gallery.beside(runs), missed }.marked();
        let memory = megabytes(runs.peak());
        println!(
            "| vipsthumbnail, a process for each rendition, Q={quality} | {} | {ratio} | {memory} |",
            runs.text()
        );
    }
}

fn print_uploads(galleries: &[Uploads], pipeline: &Runs) {
    println!("\n| uploads through the API | at once | photos per second | of the pipeline's |");
    println!("| --- | ---: | ---: | ---: |");
    for (gallery, (at_once, runs)) in
        galleries.iter().flat_map(|gallery| gallery.runs.iter().map(move |runs| (gallery, runs)))
    {
        let missed = runs.rate() < SHARE * pipeline.rate();
        let share = Figure { text: runs.beside(pipeline), missed }.marked();
        println!("| {} | {at_once} | {} | {share} |", gallery.name, runs.text());
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some thousand KiB")]
fn megabytes(kib: f64) -> String {
    mebibytes(kib as u64)
}
