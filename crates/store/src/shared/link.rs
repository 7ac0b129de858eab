//! The connection to the server, and what its failures mean.

use super::master::{self, Address};
use super::script::Question;
use super::url::RedisUrl;
use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, ErrorKind, RedisConnectionInfo, RedisError, ServerErrorKind, Value,
};
use std::io;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::rustls::pki_types::ServerName;

/// The oldest server that has all that the scripts use.
const OLDEST: u64 = 6;

/// Why there is no answer to what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Trouble {
    /// An answer that says that nobody can write there.
    #[error("{0}")]
    Refused(String),
    /// Something stands under a key of ours that is not ours. Refused as well; it takes a person to change that.
    #[error("{0}")]
    Foreign(String),
    /// An answer that says that another server takes what is written: it is to be looked for anew.
    #[error("{0}")]
    Moved(String),
    /// No answer: others may have better luck.
    #[error("{0}")]
    Silent(String),
}

impl From<RedisError> for Trouble {
    fn from(error: RedisError) -> Self {
        if error.kind() == ErrorKind::Server(ServerErrorKind::ExecAbort) {
            // Why stands in the answers to what was to be carried out.
            let causes = error.into_server_errors();
            let cause = causes.and_then(|causes| Some(causes.first()?.1.clone()));
            return cause.map_or_else(
                || Self::Refused("the transaction was aborted".to_owned()),
                |cause| RedisError::from(cause).into(),
            );
        }
        let text = || match (error.code(), error.detail()) {
            (Some(code), Some(detail)) => format!("{code} {detail}"),
            (None, Some(detail)) => format!("{}: {detail}", error.category()),
            _ => error.to_string(),
        };
        match error.kind() {
            _ if error.is_connection_refusal() => {
                Self::Refused("the connection is refused".to_owned())
            }
            ErrorKind::Extension if error.code() == Some("FOREIGN") => {
                Self::Foreign(error.detail().unwrap_or_default().to_owned())
            }
            ErrorKind::AuthenticationFailed => {
                Self::Refused("the server does not take this user and password".to_owned())
            }
            ErrorKind::Server(
                ServerErrorKind::ReadOnly
                | ServerErrorKind::Moved
                | ServerErrorKind::Ask
                | ServerErrorKind::ClusterDown,
            ) => Self::Moved(text()),
            ErrorKind::Server(_) | ErrorKind::Extension => Self::Refused(text()),
            _ => Self::Silent(text()),
        }
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::ConnectionRefused {
            Self::Refused("the connection is refused".to_owned())
        } else {
            Self::Silent(error.to_string())
        }
    }
}

/// A way to the server, with TLS or without.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

/// An open connection; clones are the same one.
#[derive(Clone)]
pub(crate) struct Link(MultiplexedConnection);

impl Link {
    /// Dials the server that has `key`, and says who we are.
    pub(crate) async fn open(url: &RedisUrl, key: &str) -> Result<Self, Trouble> {
        let mut link = Self(master::connect(url, key).await?);
        link.check_version().await?;
        Ok(link)
    }

    /// Dials the server that has `key`, and says nothing yet.
    pub(crate) async fn dial(url: &RedisUrl, key: &str) -> Result<Box<dyn Wire>, Trouble> {
        master::dial(url, key).await
    }

    /// A way to that address, by what the URL says of TLS.
    pub(super) async fn wire(url: &RedisUrl, at: &Address) -> Result<Box<dyn Wire>, Trouble> {
        let socket = TcpStream::connect((at.host.as_str(), at.port)).await?;
        socket.set_nodelay(true)?;
        match &url.tls {
            None => Ok(Box::new(socket)),
            Some(connector) => {
                let name = ServerName::try_from(at.host.clone())
                    .map_err(|error| Trouble::Silent(format!("{}: {error}", at.host)))?;
                let stream = connector
                    .connect(name, socket)
                    .await
                    .map_err(|error| Trouble::Silent(format!("TLS: {error}")))?;
                Ok(Box::new(stream))
            }
        }
    }

    /// Who we are, and which database is meant.
    pub(crate) fn greeting(url: &RedisUrl) -> RedisConnectionInfo {
        Self::introduction(url, url.password.as_deref()).set_db(url.database)
    }

    /// Who we are to one that knows where the master is.
    pub(super) fn greeting_of_who_knows(url: &RedisUrl) -> RedisConnectionInfo {
        Self::introduction(url, url.password_of_who_knows.as_deref())
    }

    fn introduction(url: &RedisUrl, password: Option<&str>) -> RedisConnectionInfo {
        let info = RedisConnectionInfo::default().set_skip_set_lib_name();
        match (&url.user, password) {
            (Some(user), Some(password)) => info.set_username(user).set_password(password),
            (Some(user), None) => info.set_username(user),
            (None, Some(password)) => info.set_password(password),
            (None, None) => info,
        }
    }

    /// For commands of its user's own.
    pub(crate) fn connection(self) -> MultiplexedConnection {
        self.0
    }

    /// Says who we are. The connection lives as long as its last clone.
    pub(super) async fn greet(
        info: &RedisConnectionInfo,
        stream: Box<dyn Wire>,
    ) -> Result<MultiplexedConnection, Trouble> {
        // How long is waited is decided where it is known what for.
        let config = AsyncConnectionConfig::new()
            .set_response_timeout(None)
            .set_connection_timeout(None);
        let (connection, driver) =
            MultiplexedConnection::new_with_config(info, stream, config).await?;
        tokio::spawn(driver);
        Ok(connection)
    }

    async fn check_version(&mut self) -> Result<(), Trouble> {
        let answer: Result<String, RedisError> = redis::cmd("INFO")
            .arg("server")
            .query_async(&mut self.0)
            .await;
        let text = match answer {
            // Who may not ask does without.
            Err(error) if error.code() == Some("NOPERM") => return Ok(()),
            answer => answer?,
        };
        let version = text
            .lines()
            .find_map(|line| line.strip_prefix("redis_version:"));
        let major = version.and_then(|version| version.split('.').next()?.parse::<u64>().ok());
        match (version, major) {
            (Some(version), Some(major)) if major < OLDEST => Err(Trouble::Refused(format!(
                "the server is of version {}; needed is {OLDEST} or later",
                version.trim()
            ))),
            _ => Ok(()),
        }
    }

    /// Runs a script, which is sent as a whole only where the server does not know it yet.
    pub(crate) async fn call(
        mut self,
        question: &'static Question,
        keys: Vec<String>,
        arguments: Vec<Vec<u8>>,
    ) -> Result<Value, Trouble> {
        let command = |name: &str, what: &str| {
            let mut command = redis::cmd(name);
            command.arg(what).arg(keys.len()).arg(&keys).arg(&arguments);
            command
        };
        let known = command("EVALSHA", &question.hash);
        match known.query_async(&mut self.0).await {
            Err(error) if error.code() == Some("NOSCRIPT") => {
                let whole = command("EVAL", question.text);
                Ok(whole.query_async(&mut self.0).await?)
            }
            answer => Ok(answer?),
        }
    }
}
