//! Who asks, and what they may do.
//!
//! A program brings its token in every request. A browser trades it once for a cookie that its scripts cannot read, and
//! for a ticket per socket where cookies do not reach. Tokens are kept as digests and compared in constant time.

use crate::problem::Error;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, COOKIE};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// The cookie's name.
pub(crate) const COOKIE_NAME: &str = "studio_session";
/// How long a session lasts without being used.
const SESSION_LIFE: Duration = Duration::from_secs(12 * 3600);
/// How long a ticket waits to be used.
const TICKET_LIFE: Duration = Duration::from_secs(30);
/// Sessions and tickets that are kept; beyond it the oldest goes.
const MAX_GRANTS: usize = 10_000;
/// Wrong tokens from one address within a minute; more are not looked at.
const MAX_FAILURES: u32 = 20;
const FAILURE_WINDOW: Duration = Duration::from_secs(60);

/// What a client may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// See everything that is not secret.
    Viewer,
    /// Push chat messages and auction events, nothing else.
    Chat,
    /// Run the show.
    Operator,
    /// Everything, outputs and their keys too.
    Admin,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Chat, Self::Operator, Self::Admin];

    /// As in `API_TOKENS`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Chat => "chat",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }

    /// The role of that name.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    /// Whether it covers a need.
    pub(crate) const fn may(self, need: Need) -> bool {
        match need {
            Need::Read => !matches!(self, Self::Chat),
            Need::Push => !matches!(self, Self::Viewer),
            Need::Write => matches!(self, Self::Operator | Self::Admin),
            Need::Admin => matches!(self, Self::Admin),
        }
    }
}

/// What an operation asks of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// To see.
    Read,
    /// To push what others say and bid.
    Push,
    /// To change the show.
    Write,
    /// To change where it goes.
    Admin,
}

impl Need {
    /// The least role that covers it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Read => "viewer",
            Self::Push => "chat",
            Self::Write => "operator",
            Self::Admin => "admin",
        }
    }
}

/// Whoever asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    /// The name of its token, `anonymous`, or one of ours.
    pub(crate) name: Arc<str>,
    pub(crate) role: Role,
}

impl Client {
    pub(crate) fn new(name: &str, role: Role) -> Self {
        Self {
            name: name.into(),
            role,
        }
    }

    pub(crate) fn may(&self, need: Need) -> Result<(), Error> {
        if self.role.may(need) {
            return Ok(());
        }
        Err(Error::Forbidden {
            role: self.role.word(),
            need: need.word(),
        })
    }
}

type Digest = [u8; 32];

/// Tokens, sessions, tickets.
pub struct Access {
    /// Empty: everyone may do everything.
    tokens: Vec<(Client, Digest)>,
    /// Cookies go over TLS alone.
    secure: bool,
    random: SystemRandom,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    sessions: Grants,
    tickets: Grants,
    failures: HashMap<IpAddr, (u32, Instant)>,
}

/// Secrets of ours, by digest, until a time.
#[derive(Default)]
struct Grants(HashMap<Digest, (Client, Instant)>);

impl Grants {
    fn put(&mut self, secret: &str, client: Client, life: Duration) {
        let now = Instant::now();
        if self.0.len() >= MAX_GRANTS {
            self.0.retain(|_, (_, until)| *until > now);
        }
        if self.0.len() >= MAX_GRANTS
            && let Some(oldest) = self.0.iter().min_by_key(|(_, (_, until))| *until)
        {
            let oldest = *oldest.0;
            self.0.remove(&oldest);
        }
        self.0.insert(digest_of(secret), (client, now + life));
    }
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.tokens.iter().map(|(client, _)| client);
        f.debug_list().entries(names).finish()
    }
}

impl Access {
    /// Everyone may do everything, under the name `anonymous`.
    pub fn open() -> Self {
        Self::with_tokens([], false)
    }

    /// Name, secret and role of each token. `secure` says that the ports speak TLS.
    pub fn with_tokens<'a>(
        tokens: impl IntoIterator<Item = (&'a str, &'a str, Role)>,
        secure: bool,
    ) -> Self {
        let token = |(name, secret, role)| (Client::new(name, role), digest_of(secret));
        Self {
            tokens: tokens.into_iter().map(token).collect(),
            secure,
            random: SystemRandom::new(),
            state: Mutex::default(),
        }
    }

    /// A fresh secret: 256 bits, as 64 hexadecimal digits.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn secret() -> Result<String, NoRandomness> {
        secret(&SystemRandom::new())
    }

    pub(crate) const fn is_open(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Who brings these headers.
    pub(crate) fn client(&self, headers: &HeaderMap, peer: IpAddr) -> Result<Client, Error> {
        if self.is_open() {
            return Ok(Client::new("anonymous", Role::Admin));
        }
        if let Some(value) = headers.get(AUTHORIZATION) {
            let bearer = value.to_str().ok().and_then(|value| {
                let (scheme, token) = value.split_once(' ')?;
                scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
            });
            return self.of_token(bearer.unwrap_or_default(), peer);
        }
        let cookie = headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .find_map(|pair| pair.trim().strip_prefix(COOKIE_NAME)?.strip_prefix('='));
        let session = cookie.and_then(|secret| {
            let mut state = self.state();
            let now = Instant::now();
            let grant = state.sessions.0.get_mut(&digest_of(secret))?;
            (grant.1 > now).then(|| {
                grant.1 = now + SESSION_LIFE;
                grant.0.clone()
            })
        });
        session.ok_or(Error::Unauthorized)
    }

    /// Whose token it is.
    pub(crate) fn of_token(&self, token: &str, peer: IpAddr) -> Result<Client, Error> {
        if self.is_open() {
            return Ok(Client::new("anonymous", Role::Admin));
        }
        let now = Instant::now();
        let mut state = self.state();
        let failures = state.failures.get(&peer).copied();
        let recent = failures.filter(|(_, since)| now - *since < FAILURE_WINDOW);
        if recent.is_some_and(|(count, _)| count >= MAX_FAILURES) {
            return Err(Error::TooManyRequests {
                retry_after_s: FAILURE_WINDOW.as_secs(),
            });
        }
        let digest = digest_of(token);
        let mut found = None;
        for (client, own) in &self.tokens {
            // All of them, whole, whatever was found: how long it takes says nothing.
            let differs = own.iter().zip(&digest).fold(0, |acc, (a, b)| acc | (a ^ b));
            if std::hint::black_box(differs) == 0 {
                found = Some(client.clone());
            }
        }
        found.ok_or_else(|| {
            let (count, since) = recent.unwrap_or((0, now));
            if state.failures.len() >= MAX_GRANTS {
                state
                    .failures
                    .retain(|_, (_, since)| now - *since < FAILURE_WINDOW);
            }
            state.failures.insert(peer, (count + 1, since));
            Error::Unauthorized
        })
    }

    /// A cookie for a browser, as the header `Set-Cookie`.
    pub(crate) fn begin_session(&self, client: Client) -> Result<String, Error> {
        let secret = secret(&self.random).map_err(|e| Error::Internal(e.to_string()))?;
        self.state().sessions.put(&secret, client, SESSION_LIFE);
        Ok(self.cookie(&secret, SESSION_LIFE.as_secs()))
    }

    /// Ends the session of these headers; the header that takes the cookie back.
    pub(crate) fn end_session(&self, headers: &HeaderMap) -> String {
        let values = headers.get_all(COOKIE).iter();
        let pairs = values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'));
        let secrets =
            pairs.filter_map(|pair| pair.trim().strip_prefix(COOKIE_NAME)?.strip_prefix('='));
        let mut state = self.state();
        for secret in secrets {
            state.sessions.0.remove(&digest_of(secret));
        }
        self.cookie("", 0)
    }

    fn cookie(&self, secret: &str, max_age_s: u64) -> String {
        let secure = if self.secure { "; Secure" } else { "" };
        format!(
            "{COOKIE_NAME}={secret}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Strict{secure}"
        )
    }

    /// A secret that opens one socket, once, within half a minute.
    pub(crate) fn ticket(&self, client: Client) -> Result<String, Error> {
        let secret = secret(&self.random).map_err(|e| Error::Internal(e.to_string()))?;
        self.state().tickets.put(&secret, client, TICKET_LIFE);
        Ok(secret)
    }

    /// Who got this ticket; it is used up.
    pub(crate) fn use_ticket(&self, ticket: &str) -> Result<Client, Error> {
        let (client, until) = self
            .state()
            .tickets
            .0
            .remove(&digest_of(ticket))
            .ok_or(Error::Unauthorized)?;
        if until > Instant::now() {
            Ok(client)
        } else {
            Err(Error::Unauthorized)
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The system gives no random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random numbers")]
pub struct NoRandomness;

fn secret(random: &SystemRandom) -> Result<String, NoRandomness> {
    let mut bytes = [0; 32];
    random.fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn digest_of(secret: &str) -> Digest {
    let mut out = [0; 32];
    out.copy_from_slice(digest(&SHA256, secret.as_bytes()).as_ref());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    const PEER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn access() -> Access {
        Access::with_tokens(
            [
                ("host", "s3cret", Role::Operator),
                ("eye", "other", Role::Viewer),
            ],
            false,
        )
    }

    fn bearer(token: &str) -> HeaderMap {
        let value = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
        HeaderMap::from_iter([(AUTHORIZATION, value)])
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_known_and_a_wrong_one_is_counted() {
        let access = access();
        let client = access.client(&bearer("s3cret"), PEER).unwrap();
        assert_eq!((&*client.name, client.role), ("host", Role::Operator));
        for _ in 0..MAX_FAILURES {
            let refused = access.client(&bearer("s3cre"), PEER).unwrap_err();
            assert!(matches!(refused, Error::Unauthorized));
        }
        let now = access.client(&bearer("s3cret"), PEER).unwrap_err();
        assert!(matches!(now, Error::TooManyRequests { .. }));
        assert!(
            access
                .client(&bearer("s3cret"), IpAddr::from([10, 0, 0, 1]))
                .is_ok()
        );
        tokio::time::advance(FAILURE_WINDOW).await;
        assert!(access.client(&bearer("s3cret"), PEER).is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_lasts_while_it_is_used_and_a_ticket_works_once() {
        let access = access();
        let client = Client::new("eye", Role::Viewer);
        let set = access.begin_session(client.clone()).unwrap();
        assert!(set.contains("; HttpOnly; SameSite=Strict"), "{set}");
        let pair = set.split(';').next().unwrap().to_owned();
        let cookie = HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(&pair).unwrap())]);
        tokio::time::advance(SESSION_LIFE - Duration::from_secs(1)).await;
        assert_eq!(access.client(&cookie, PEER).unwrap(), client);
        tokio::time::advance(SESSION_LIFE - Duration::from_secs(1)).await;
        assert_eq!(access.client(&cookie, PEER).unwrap(), client);
        access.end_session(&cookie);
        assert!(access.client(&cookie, PEER).is_err());

        let ticket = access.ticket(client.clone()).unwrap();
        assert_eq!(access.use_ticket(&ticket).unwrap(), client);
        assert!(access.use_ticket(&ticket).is_err());
        let late = access.ticket(client).unwrap();
        tokio::time::advance(TICKET_LIFE).await;
        assert!(access.use_ticket(&late).is_err());
    }

    #[test]
    fn roles_cover_what_they_should() {
        let may = |role: Role| {
            [Need::Read, Need::Push, Need::Write, Need::Admin].map(|need| role.may(need))
        };
        assert_eq!(may(Role::Viewer), [true, false, false, false]);
        assert_eq!(may(Role::Chat), [false, true, false, false]);
        assert_eq!(may(Role::Operator), [true, true, true, false]);
        assert_eq!(may(Role::Admin), [true, true, true, true]);
    }
}
