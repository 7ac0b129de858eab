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
/// Different wrong tokens from one address within a minute. After them only tokens that were right from there before are
/// looked at: were any right one let in, a lucky guess would be as well. The same wrong one again and again, as of a program
/// that was not told of a new one, is no guess and counts once.
const MAX_FAILURES: usize = 20;
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
    failures: HashMap<IpAddr, Failures>,
    /// When a token, by its place in the list, was last right from an address.
    known: HashMap<(IpAddr, usize), Instant>,
}

impl State {
    /// A token is right from an address that it was not known from.
    fn is_right(&mut self, peer: IpAddr, place: usize, now: Instant) {
        if self.known.len() >= MAX_GRANTS
            && let Some(oldest) = self.known.iter().min_by_key(|(_, last)| **last)
        {
            let oldest = *oldest.0;
            self.known.remove(&oldest);
        }
        self.known.insert((peer, place), now);
    }

    fn is_wrong(&mut self, peer: IpAddr, guess: Digest, now: Instant) {
        if self.failures.len() >= MAX_GRANTS {
            self.failures.retain(|_, failures| failures.is_recent(now));
        }
        let anew = || Failures {
            guesses: Vec::new(),
            since: now,
        };
        let failures = self.failures.entry(peer).or_insert_with(anew);
        if !failures.is_recent(now) {
            *failures = anew();
        }
        if !failures.guesses.contains(&guess) {
            failures.guesses.push(guess);
        }
    }
}

/// Guesses from one address.
struct Failures {
    guesses: Vec<Digest>,
    since: Instant,
}

impl Failures {
    fn is_recent(&self, now: Instant) -> bool {
        now - self.since < FAILURE_WINDOW
    }
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
        let digest = digest_of(token);
        let mut found = None;
        for (place, (_, own)) in self.tokens.iter().enumerate() {
            // All of them, whole, whatever was found: how long it takes says nothing.
            let differs = own.iter().zip(&digest).fold(0, |acc, (a, b)| acc | (a ^ b));
            if std::hint::black_box(differs) == 0 {
                found = Some(place);
            }
        }
        let failures = state.failures.get(&peer);
        let is_guessing = failures.is_some_and(|failures| {
            failures.is_recent(now) && failures.guesses.len() >= MAX_FAILURES
        });
        let known = found.and_then(|place| state.known.get_mut(&(peer, place)));
        match (found, known) {
            (Some(place), Some(last)) => {
                *last = now;
                Ok(self.tokens[place].0.clone())
            }
            _ if is_guessing => Err(Error::TooManyRequests {
                retry_after_s: FAILURE_WINDOW.as_secs(),
            }),
            (Some(place), None) => {
                state.is_right(peer, place, now);
                Ok(self.tokens[place].0.clone())
            }
            (None, _) => {
                state.is_wrong(peer, digest, now);
                Err(Error::Unauthorized)
            }
        }
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
    async fn a_token_is_known_and_guesses_are_counted() {
        let access = access();
        let client = access.client(&bearer("s3cret"), PEER).unwrap();
        assert_eq!((&*client.name, client.role), ("host", Role::Operator));
        // The same one is no guess, however often it comes.
        for _ in 0..3 * MAX_FAILURES {
            let refused = access.client(&bearer("s3cre"), PEER).unwrap_err();
            assert!(matches!(refused, Error::Unauthorized));
        }
        for n in 1..MAX_FAILURES {
            let refused = access.client(&bearer(&format!("guess-{n}")), PEER);
            assert!(matches!(refused, Err(Error::Unauthorized)), "{n}");
        }
        let is_limited = |token: &str| {
            let refused = access.client(&bearer(token), PEER);
            matches!(refused, Err(Error::TooManyRequests { .. }))
        };
        assert!(is_limited("s3cre") && is_limited("another"));
        // A guess that is right learns nothing; who was right before goes on.
        assert!(is_limited("other"));
        assert!(access.client(&bearer("s3cret"), PEER).is_ok());
        let elsewhere = IpAddr::from([10, 0, 0, 1]);
        assert!(access.client(&bearer("other"), elsewhere).is_ok());
        tokio::time::advance(FAILURE_WINDOW).await;
        assert!(access.client(&bearer("other"), PEER).is_ok());
        assert!(!is_limited("s3cre"));
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
