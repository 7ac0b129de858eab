//! Certificates for a TLS server, made anew for every test.

use crate::process::run;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the server shows to its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// For `localhost` and `127.0.0.1`, signed by the authority whose certificate the client is given.
    Good,
    /// Good, but signed by an authority nobody was told of.
    OtherAuthority,
    /// Good, but for `elsewhere.invalid` only.
    WrongHost,
    /// Good until yesterday.
    Expired,
}

/// Files in PEM form.
#[derive(Debug)]
pub(crate) struct Files {
    /// The authority that clients should trust.
    pub(crate) authority: PathBuf,
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// Makes an authority and a server certificate of the wanted kind in `folder`; takes about 50 ms.
pub(crate) fn make(folder: &Path, kind: Certificate) -> Files {
    let authority = self_signed(folder, "authority");
    let signer = if kind == Certificate::OtherAuthority {
        self_signed(folder, "other")
    } else {
        authority.clone()
    };
    let names = if kind == Certificate::WrongHost {
        "DNS:elsewhere.invalid"
    } else {
        "DNS:localhost,IP:127.0.0.1"
    };
    let days = if kind == Certificate::Expired {
        "-1"
    } else {
        "2"
    };

    let [key, request, extensions, certificate] =
        ["key", "csr", "ext", "pem"].map(|ending| folder.join(format!("server.{ending}")));
    let text = format!("basicConstraints=CA:FALSE\nsubjectAltName={names}\n");
    std::fs::write(&extensions, text).expect("the folder was just made");
    run(openssl(&["req", "-subj", "/CN=server"])
        .args(NEW_KEY)
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&request));
    run(openssl(&["x509", "-req", "-CAcreateserial", "-days", days])
        .arg("-in")
        .arg(&request)
        .arg("-CA")
        .arg(&signer)
        .arg("-CAkey")
        .arg(signer.with_extension("key"))
        .arg("-extfile")
        .arg(&extensions)
        .arg("-out")
        .arg(&certificate));
    Files {
        authority,
        certificate,
        key,
    }
}

const NEW_KEY: [&str; 5] = [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:P-256",
    "-nodes",
];

/// An authority's certificate; its key lies beside it with the ending `key`.
fn self_signed(folder: &Path, name: &str) -> PathBuf {
    let certificate = folder.join(format!("{name}.pem"));
    run(openssl(&[
        "req",
        "-x509",
        "-days",
        "2",
        "-subj",
        &format!("/CN={name}"),
    ])
    .args(NEW_KEY)
    .arg("-keyout")
    .arg(certificate.with_extension("key"))
    .arg("-out")
    .arg(&certificate));
    certificate
}

fn openssl(arguments: &[&str]) -> Command {
    let mut command = Command::new("openssl");
    command.args(arguments);
    command
}
