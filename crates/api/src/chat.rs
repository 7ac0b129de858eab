//! `/chat`: what viewers say, pushed by programs, kept for a while and announced.

use crate::Api;
use crate::memory;
use crate::operation::{Answer, Call, Reply};
use crate::request::page_of;
use serde_json::{Value, json};
use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};
use wire::ChatMessage;

/// Messages that are kept.
const KEPT: usize = memory::CHAT_KEPT;
/// Ids that are remembered, so that what is pushed again is not said again.
const REMEMBERED: usize = 20_000;

/// The messages of late, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Chat(Mutex<Said>);

#[derive(Debug, Default)]
struct Said {
    made: u64,
    messages: VecDeque<(u64, ChatMessage)>,
    known: HashSet<String>,
    order: VecDeque<String>,
}

impl Chat {
    /// With the messages that an earlier process left.
    pub(crate) fn new(messages: Vec<ChatMessage>) -> Self {
        let mut said = Said::default();
        for message in messages {
            said.made += 1;
            let id = message.id.clone().unwrap_or_default();
            if said.is_new(&id) {
                said.messages.push_back((said.made, message));
            }
        }
        Self(Mutex::new(said))
    }

    /// For a snapshot.
    pub(crate) fn records(&self) -> Option<Value> {
        let said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let messages: Vec<Value> = said.messages.iter().map(|(_, one)| one.to_json()).collect();
        (!messages.is_empty()).then(|| memory::chat(&messages))
    }
}

impl Said {
    /// Whether the id is new; an old one is forgotten when there are too many.
    fn is_new(&mut self, id: &str) -> bool {
        if !self.known.insert(id.to_owned()) {
            return false;
        }
        self.order.push_back(id.to_owned());
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }
}

/// Takes messages in; those whose id is known already are left as they were.
pub(crate) fn push(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move {
        let pushed = wire::read_chat(&call.body)?;
        let now_ns = api.0.parts.handle.unix_ns();
        let (mut ids, mut new): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
        {
            let mut said = api.0.chat.0.lock().unwrap_or_else(PoisonError::into_inner);
            for mut message in pushed {
                said.made += 1;
                let n = said.made;
                let id = message
                    .id
                    .get_or_insert_with(|| format!("chat-{n}"))
                    .clone();
                message.at_unix_ns.get_or_insert(now_ns);
                ids.push(id.clone().into());
                if !said.is_new(&id) {
                    continue;
                }
                new.push(message.to_json());
                said.messages.push_back((n, message));
                if said.messages.len() > KEPT {
                    said.messages.pop_front();
                }
            }
        }
        if !new.is_empty() {
            api.remember(memory::chat(&new));
        }
        for message in &new {
            api.happened("chat.message", None, message, None);
        }
        let (accepted, duplicates) = (new.len(), ids.len() - new.len());
        Ok(Answer::json(
            json!({ "accepted": accepted, "duplicates": duplicates, "ids": ids }),
        ))
    })
}

/// Newest first.
pub(crate) fn list(api: &Api, call: Call) -> Reply<'_> {
    Box::pin(async move {
        let (before, limit) = page_of(&call)?;
        let said = api.0.chat.0.lock().unwrap_or_else(PoisonError::into_inner);
        let older = |(n, _): &&(u64, ChatMessage)| before.is_none_or(|before| *n < before);
        let mut messages = said.messages.iter().rev().filter(older);
        let page: Vec<_> = messages.by_ref().take(limit).collect();
        let next = messages.next().and(page.last()).map(|(n, _)| n.to_string());
        Ok(Answer::json(wire::page(
            page.into_iter().map(|(_, message)| message.to_json()),
            next,
        )))
    })
}
