//! Every setting, one struct per section. The comments are what `config default` and the reference
//! print. Values are checked by `check`; this must not know where they come from.

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::setting::{Secret, section};

section! {
    /// Settings outside any section stand at the top of the file.
    General("") {
        /// The folder that holds everything the gallery keeps on this machine: records, photos,
        /// temporary files, the outbox and the generated secret. It is created, readable by its
        /// owner alone. A server on an embedded store that belongs to one process (`gallery-nosql`)
        /// takes `admin` commands at a socket in it; they reach the server whose data folder they
        /// are given.
        data_dir: PathBuf = PathBuf::from("./gallery-data");
    }
}

section! {
    /// How the gallery presents itself.
    Site("site") {
        /// The gallery's name, on pages and in mails.
        name: String = "Photo gallery".to_owned();
    }
}

section! {
    /// Where the gallery listens, and how long it waits for clients.
    Server("server") {
        /// Address and port to listen on.
        listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 8080));
        /// Where people reach the gallery: scheme, host, perhaps a port. Links in mails begin with
        /// it. With https, cookies are for https only. Default: `http://` and the address above.
        base_url: Option<String> = None;
        /// Addresses or networks (`10.0.0.0/8`) of the proxies whose `X-Forwarded-For` is believed.
        trusted_proxies: Vec<String> = Vec::new();
        /// Connections at one moment; more are refused with 503. Bounded by the limit on open
        /// files, too.
        max_connections: u32 = 4096;
        /// Seconds within which a request's header must have arrived completely.
        header_seconds: u64 = 10;
        /// Seconds for which an idle connection is kept open. Longer than the idle time-out of a
        /// load balancer in front (60 seconds on AWS), or requests are lost between the two.
        keep_alive_seconds: u64 = 75;
        /// The least bytes a second at which a body must arrive, and at which an answer must be
        /// taken, on the whole.
        min_bytes_per_second: u64 = 4096;
        /// Seconds for which a client may fall behind that rate, for instance by a pause, before it
        /// is cut off.
        slow_client_grace_seconds: u64 = 20;
        /// Seconds between "not ready" on /readyz and the end of accepting connections, when the
        /// process is asked to stop: as long as a load balancer needs to notice.
        drain_delay_seconds: u64 = 0;
        /// Seconds that running requests and jobs get to finish when the process is asked to stop.
        drain_seconds: u64 = 30;
    }
}

section! {
    /// Where records are kept.
    Database("database") {
        /// The database's URL. For `gallery-sql`: `sqlite:/path/to/gallery.db`, or
        /// `mysql://user@host:3306/gallery` for MySQL 8 and MariaDB (for Amazon Aurora the writer
        /// endpoint). Default: a database in the data folder, which needs no server.
        url: Option<Secret> = None;
        /// A file that holds the URL, instead of `url`.
        url_file: Option<PathBuf> = None;
        /// The password, for a `mysql:` URL that holds none.
        password: Option<Secret> = None;
        /// A file that holds the password, instead of `password`.
        password_file: Option<PathBuf> = None;
        /// Whether connections to a `mysql:` server are encrypted. `auto`: encrypted, and the
        /// server's certificate and name verified, unless the server is on this machine, where
        /// encryption is used if it is offered, and nothing is verified. `verify`: encrypted and
        /// verified wherever it is. `off`: never encrypted; passwords and records cross the network
        /// in the clear.
        tls: DatabaseTls = DatabaseTls::Auto;
        /// A PEM file of certificates that the server's may be signed by, besides those of the
        /// public authorities; for Amazon RDS its certificate bundle (`global-bundle.pem`). With
        /// it, servers on this machine are verified, too.
        tls_ca_file: Option<PathBuf> = None;
        /// The most connections of this process to a `mysql:` server.
        max_connections: u32 = 16;
        /// Milliseconds that a request waits for a connection to a `mysql:` server, before it is
        /// refused with 503.
        acquire_milliseconds: u64 = 1500;
    }
}

section! {
    /// The tables in Amazon DynamoDB, for `gallery-nosql` with `database.url = "dynamodb:"`.
    /// Credentials come from the AWS SDK's default chain: the instance's or task's role, the
    /// environment, a profile.
    DynamoDb("dynamodb") {
        /// What the names `PhotoGallery` and `PhotoGalleryUser` begin with; for several galleries
        /// in one account.
        table_prefix: String = String::new();
        /// The AWS region. Default: that of the environment or profile.
        region: Option<String> = None;
        /// Another endpoint than the region's, such as `http://127.0.0.1:8000` for DynamoDB Local.
        endpoint: Option<String> = None;
    }
}

section! {
    /// Where photos are kept.
    Blobs("blobs") {
        /// `disk`: in the data folder. `s3`: in the bucket of the section `[s3]`.
        place: BlobPlace = BlobPlace::Disk;
    }
}

section! {
    /// The bucket for `blobs.place = "s3"`, in Amazon S3 or what speaks its protocol. It need not,
    /// and should not, be public. Credentials come from the AWS SDK's default chain: the instance's
    /// or task's role, the environment, a profile.
    S3("s3") {
        /// The bucket's name.
        bucket: Option<String> = None;
        /// What keys begin with, such as `family/`; for several galleries in one bucket.
        prefix: String = String::new();
        /// The bucket's AWS region. Default: that of the environment or profile.
        region: Option<String> = None;
        /// Another endpoint than the region's, such as `http://127.0.0.1:9000`.
        endpoint: Option<String> = None;
        /// Whether the bucket's name stands in the path and not in the host name, as many servers
        /// other than Amazon's want it.
        path_style: bool = false;
        /// Who encrypts objects with which key. `none`: as the bucket says. `s3`: with keys that S3
        /// keeps (SSE-S3). `kms`: with a key of AWS KMS (SSE-KMS).
        encryption: S3Encryption = S3Encryption::None;
        /// The key for `kms`: its id, ARN or alias.
        kms_key_id: Option<String> = None;
        /// How browsers get photos. `proxied`: through the gallery. `redirect`: from S3 itself, by
        /// a presigned URL.
        delivery: S3Delivery = S3Delivery::Proxied;
        /// Seconds for which a presigned URL is good; at most 300.
        link_seconds: u64 = 300;
    }
}

section! {
    /// Secrets, passwords and sessions.
    Auth("auth") {
        /// Signs links in mails and derives session tokens; at least 32 random bytes, the same on
        /// every instance (`openssl rand -hex 32` prints good ones). Default: generated once into
        /// the data folder, unless `database.url` is set.
        secret: Option<Secret> = None;
        /// A file that holds the secret, instead of `secret`.
        secret_file: Option<PathBuf> = None;
        /// Whether a session lives on while it is used, up to 8 hours. Without it, a session ends
        /// after 5 minutes.
        session_renewal: bool = true;
        /// The fewest characters of a password; at least 8. Whatever its length, a password must
        /// not be one of the public lists of common ones, the person's own address or the site's
        /// name, in upper or lower case, with digits or punctuation around it, or with digits and
        /// signs for letters (`p@ssw0rd`).
        password_min_chars: u16 = 12;
    }
}

section! {
    /// What becomes of an uploaded photo.
    Photos("photos") {
        /// Whether the title, description and keywords that are inside a photo's file (XMP, IPTC,
        /// EXIF) become its title, description and tags, where the person who uploads it gives
        /// none.
        embedded_captions: bool = true;
        /// Whether the rating that is inside the file becomes a tag such as "4 stars" then, too.
        rating_tags: bool = false;
    }
}

section! {
    /// What people may store, and what processing may cost.
    Limits("limits") {
        /// The most bytes of one photo; 200 MB by default.
        max_upload_bytes: u64 = 200_000_000;
        /// The most bytes that one account may hold, 10 GB by default: originals and renditions,
        /// and 2,000 for each photo and album. For accounts created from now on.
        quota_bytes: u64 = 10_000_000_000;
        /// The most pixels of one photo, in millions. Formats that are not decoded row by row (see
        /// photos.md) take fewer: what `decode_memory_bytes` holds.
        max_megapixels: u32 = 250;
        /// Memory for all photos being decoded at one moment, in bytes. A photo that needs more is
        /// refused. 0: half of what the machine (or its container) has, and at most 500 MB.
        decode_memory_bytes: u64 = 0;
        /// Photos decoded at one moment. 0: as many as the machine has cores.
        decode_workers: u16 = 0;
        /// Seconds that decoding one photo may take.
        decode_seconds: u64 = 30;
    }
}

section! {
    /// How mails leave, and who they come from.
    Mail("mail") {
        /// `outbox`: into the folder `outbox` of the data folder, one file per mail. `smtp`:
        /// through the server of the section `[smtp]`. `ses`: through Amazon SES.
        transport: MailTransport = MailTransport::Outbox;
        /// The sender's address; needed for `smtp` and `ses`. Default: `gallery@` and the host of
        /// the base URL.
        from: Option<String> = None;
        /// The sender's name. Default: the site's name.
        from_name: Option<String> = None;
        /// Where answers go. Default: the sender.
        reply_to: Option<String> = None;
        /// Whether links of mails that go to the outbox folder are printed on standard output, too.
        /// Whoever reads that output can confirm addresses and reset passwords.
        print_links: bool = true;
    }
}

section! {
    /// The server for `mail.transport = "smtp"`.
    Smtp("smtp") {
        /// The server's name, which its certificate must bear.
        host: Option<String> = None;
        /// Its port. 0: the usual one, which is 465 for `tls`, 587 for `starttls`, 25 for `none`.
        port: u16 = 0;
        /// How the connection is encrypted. `tls`: from its beginning. `starttls`: after a greeting
        /// in the clear, and always. `none`: never; for a server on this machine.
        security: SmtpSecurity = SmtpSecurity::Tls;
        /// The user, if the server wants one.
        user: Option<String> = None;
        /// The user's password.
        password: Option<Secret> = None;
        /// A file that holds the password, instead of `password`.
        password_file: Option<PathBuf> = None;
        /// A PEM file of certificates that the server's may be signed by, besides those of the
        /// public authorities.
        tls_ca_file: Option<PathBuf> = None;
    }
}

section! {
    /// Amazon SES, for `mail.transport = "ses"`. The sender's address or its domain must be
    /// verified there. Credentials come from the AWS SDK's default chain.
    Ses("ses") {
        /// The AWS region. Default: that of the environment or profile.
        region: Option<String> = None;
        /// Another endpoint than the region's.
        endpoint: Option<String> = None;
        /// The configuration set for every mail.
        configuration_set: Option<String> = None;
        /// Tags for every mail, each as `name=value`.
        tags: Vec<String> = Vec::new();
        /// The ARN of the SNS topic to which SES reports bounces and complaints. With it, the
        /// gallery takes these reports at `/hooks/ses`, and does not write again to an address that
        /// does not exist or that complained.
        feedback_topic: Option<String> = None;
    }
}

section! {
    /// How much is too much: wrong passwords, and mails that strangers cause. Counted in the store,
    /// so that all instances share the counters. A network is an IPv4 address or the /64 of an IPv6
    /// address; the /48 around that may come to four times as much.
    Throttling("throttling") {
        /// Seconds that a counter runs.
        window_seconds: u64 = 600;
        /// Wrong passwords for one account from one network, or from one browser that has logged in
        /// to it before.
        failures_per_account: u32 = 10;
        /// Wrong passwords for one account from everywhere. A browser that has logged in to the
        /// account before still gets in.
        failures_per_account_everywhere: u32 = 100;
        /// Wrong passwords from one network.
        failures_per_client: u32 = 200;
        /// Mails of one purpose (sign-up, confirmation, forgotten password) to one address.
        mails_per_address: u32 = 10;
        /// Mails of one purpose caused from one network.
        mails_per_client: u32 = 500;
    }
}

section! {
    /// The workers that send mails, delete and sweep.
    Workers("workers") {
        /// Jobs that this process works on at one moment. 0: none; another instance must do it.
        count: u16 = 2;
        /// Seconds between two looks for jobs that other instances recorded; jobs of this one start
        /// at once.
        poll_seconds: u64 = 2;
    }
}

section! {
    /// Figures for Prometheus, at `/metrics`.
    Metrics("metrics") {
        /// Address and port to listen on for them, for instance `127.0.0.1:9090`: not for the
        /// public. Default: nowhere.
        listen: Option<SocketAddr> = None;
    }
}

section! {
    /// The log, on standard error. It never holds passwords, tokens, cookies or whole addresses.
    Log("log") {
        /// `readable` or `json`.
        format: LogFormat = LogFormat::Readable;
        /// What is logged: a level (`error`, `warn`, `info`, `debug`, `trace`), perhaps with
        /// exceptions (`info,gallery_web=debug`).
        filter: String = "info".to_owned();
    }
}

/// When connections to a database server are encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DatabaseTls {
    /// Encrypted and verified, unless the server is on this machine.
    Auto,
    /// Encrypted and verified.
    Verify,
    /// Never encrypted.
    Off,
}

/// Where photos are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlobPlace {
    /// In the data folder.
    Disk,
    /// In a bucket.
    S3,
}

/// Who encrypts objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum S3Encryption {
    /// As the bucket says.
    None,
    /// SSE-S3.
    S3,
    /// SSE-KMS.
    Kms,
}

/// How browsers get photos that are in a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum S3Delivery {
    /// Through the gallery.
    Proxied,
    /// From S3, by a presigned URL.
    Redirect,
}

/// How mails leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailTransport {
    /// Into a folder.
    Outbox,
    /// Through an SMTP server.
    Smtp,
    /// Through Amazon SES.
    Ses,
}

/// How the connection to an SMTP server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmtpSecurity {
    /// From its beginning.
    Tls,
    /// After a greeting in the clear.
    #[serde(rename = "starttls")]
    StartTls,
    /// Never.
    None,
}

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One line per event, for people.
    Readable,
    /// One JSON object per event, for machines.
    Json,
}
