//! `health`: asks the running service, for containers without curl.

use crate::{Failure, config};
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(3);

/// Succeeds when the service says that a restart would not help it.
pub(crate) fn run() -> Result<(), Failure> {
    let config = config::from_environment()?;
    let ip = match config.ops_bind {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let answer = ask(SocketAddr::new(ip, config.health_port))
        .map_err(|error| Failure::Unhealthy(format!("no answer: {error}")))?;
    let status = answer
        .split_whitespace()
        .nth(1)
        .unwrap_or("none")
        .to_owned();
    if status == "200" {
        Ok(())
    } else {
        Err(Failure::Unhealthy(format!("the service answered {status}")))
    }
}

fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(
        format!("GET /health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes(),
    )?;
    let mut answer = Vec::new();
    stream.take(64 << 10).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
