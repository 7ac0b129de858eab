//! What waits for the engine thread: changes in order, stills beside them, never more than [`CAPACITY`].

use crate::picture::NewPicture;
use crate::{Applied, Busy, Still};
use media::ShowTime;
use scene::Command;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Letters that may wait; more are refused with [`Busy`].
pub(crate) const CAPACITY: usize = 256;

/// What the engine thread finds in its mailbox.
pub(crate) enum Letter {
    Change(Change),
    Still(ReplyStill),
    Picture(Box<NewPicture>),
}

pub(crate) type ReplyStill = Box<dyn FnOnce(Still) + Send>;

/// A change, and who wants to know of it.
pub(crate) struct Change {
    pub(crate) command: Command,
    /// The show time before which no frame may show it.
    pub(crate) not_before: ShowTime,
    pub(crate) reply: Box<dyn FnOnce(Applied) + Send>,
}

/// Where letters are posted.
#[derive(Clone, Debug)]
pub(crate) struct Mailbox {
    letters: SyncSender<Letter>,
    /// Letters on their way and held together; the channel's own bound would forget those that are held.
    waiting: Arc<AtomicUsize>,
}

/// Where the engine thread takes them out.
pub(crate) struct Inbox {
    letters: Receiver<Letter>,
    /// Changes in the order they were posted. Each was made from the scene that the one before it makes, so one whose
    /// time has not come holds up all behind it.
    changes: VecDeque<Change>,
    /// What the picture is to become; whoever asks for it waits until it is taken, and one does at a time.
    picture: Option<Box<NewPicture>>,
    waiting: Arc<AtomicUsize>,
}

pub(crate) fn mailbox() -> (Mailbox, Inbox) {
    let (sender, receiver) = sync_channel(CAPACITY);
    let waiting = Arc::new(AtomicUsize::new(0));
    let mailbox = Mailbox {
        letters: sender,
        waiting: Arc::clone(&waiting),
    };
    let inbox = Inbox {
        letters: receiver,
        changes: VecDeque::new(),
        picture: None,
        waiting,
    };
    (mailbox, inbox)
}

impl Mailbox {
    /// Letters that wait, those whose time has not come included.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Never blocks.
    pub(crate) fn post(&self, letter: Letter) -> Result<(), Busy> {
        let one_more = |waiting| (waiting < CAPACITY).then_some(waiting + 1);
        self.waiting
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_more)
            .map_err(|_| Busy)?;
        self.letters.try_send(letter).map_err(|_| Busy)
    }
}

impl Inbox {
    /// Takes in what was posted; stills go to `stills`.
    ///
    /// What arrives meanwhile waits for the next frame: a flood of letters cannot hold this one up.
    pub(crate) fn collect(&mut self, stills: &mut Vec<ReplyStill>) {
        for letter in self.letters.try_iter().take(CAPACITY) {
            match letter {
                Letter::Change(change) => self.changes.push_back(change),
                Letter::Still(reply) => {
                    self.waiting.fetch_sub(1, Ordering::SeqCst);
                    stills.push(reply);
                }
                Letter::Picture(picture) => {
                    self.waiting.fetch_sub(1, Ordering::SeqCst);
                    self.picture = Some(picture);
                }
            }
        }
    }

    /// What the picture is to become from the next frame on.
    pub(crate) fn picture(&mut self) -> Option<Box<NewPicture>> {
        self.picture.take()
    }

    /// The next change that the frame at `show_time` may show.
    pub(crate) fn next(&mut self, show_time: ShowTime) -> Option<Change> {
        let change = self
            .changes
            .pop_front_if(|change| change.not_before <= show_time)?;
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        Some(change)
    }
}
