//! One viewer.

use super::{Joined, Live, MAX_VIEWERS, Preview, QUEUE_S};
use crate::Api;
use crate::access::{Client, Need};
use crate::problem::Error;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{Extension, State};
use axum::response::Response;
use bytes::Bytes;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;

/// Application code of a close frame: the viewer is too far behind.
const BEHIND: u16 = 4008;
/// The picture has another size, rate or the like: whoever joins again gets it.
pub(super) const ANEW: u16 = 4009;
/// A viewer has nothing to say; what it says is not kept.
const MAX_INCOMING_BYTES: usize = 4096;

/// `/preview`: a text message with what the player must know, the init segment, then one fragment per message.
pub(crate) async fn upgrade(
    State(api): State<Api>,
    Extension(client): Extension<Client>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Error> {
    client.may(Need::Read)?;
    let upgrade = upgrade.map_err(|e| Error::NotWebSocket(e.body_text()))?;
    Ok(upgrade
        .max_message_size(MAX_INCOMING_BYTES)
        .on_upgrade(async move |socket| serve(socket, &api.0.preview).await))
}

pub(super) async fn serve(mut socket: WebSocket, preview: &Preview) {
    // Refused after the upgrade, because a browser's page learns no reason of an upgrade that failed.
    let Ok(_place) = preview.viewers.try_acquire() else {
        cut("full");
        close(
            socket,
            close_code::AGAIN,
            format!("{MAX_VIEWERS} viewers are watching, which is all there is room for"),
        )
        .await;
        return;
    };
    let viewers = metrics::gauge!("stream_manager_websocket_clients", "kind" => "preview");
    viewers.increment(1.0);
    match watch(&mut socket, preview).await {
        End::Left => {}
        End::Over => close(socket, close_code::AWAY, "the studio is closing".to_owned()).await,
        End::Anew => {
            close(
                socket,
                ANEW,
                "the picture has changed: join again".to_owned(),
            )
            .await;
        }
        End::Behind => {
            cut("behind");
            close(
                socket,
                BEHIND,
                format!("the connection was more than {QUEUE_S} s behind"),
            )
            .await;
        }
    }
    viewers.decrement(1.0);
}

enum End {
    /// The viewer went away.
    Left,
    /// The programme ended.
    Over,
    /// The picture has other headers.
    Anew,
    /// The viewer could not keep up.
    Behind,
}

async fn watch(socket: &mut WebSocket, preview: &Preview) -> End {
    let Joined {
        hello,
        init,
        gop,
        mut live,
    } = preview.join();
    if let Err(end) = send(socket, Message::text(hello)).await {
        return end;
    }
    for bytes in std::iter::once(init).chain(gop) {
        if let Err(end) = send_fragment(socket, bytes).await {
            return end;
        }
    }
    loop {
        let next = tokio::select! {
            next = live.recv() => next,
            incoming = socket.recv() => match incoming {
                None | Some(Err(_) | Ok(Message::Close(_))) => return End::Left,
                Some(Ok(Message::Text(_) | Message::Binary(_) | Message::Ping(_) | Message::Pong(_))) => continue,
            },
        };
        match next {
            Ok(Live::Fragment(fragment)) => {
                if let Err(end) = send_fragment(socket, fragment).await {
                    return end;
                }
            }
            Ok(Live::Anew) => return End::Anew,
            Ok(Live::End) | Err(RecvError::Closed) => return End::Over,
            Err(RecvError::Lagged(_)) => return End::Behind,
        }
    }
}

async fn send_fragment(socket: &mut WebSocket, fragment: Bytes) -> Result<(), End> {
    metrics::counter!("stream_manager_preview_bytes_total").increment(fragment.len() as u64);
    send(socket, Message::Binary(fragment)).await
}

/// A viewer that takes nothing at all for as long as the queue lasts is as far behind as one whose queue is full.
async fn send(socket: &mut WebSocket, message: Message) -> Result<(), End> {
    let deadline = Duration::from_secs(QUEUE_S.into());
    match tokio::time::timeout(deadline, socket.send(message)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(End::Left),
        Err(_) => Err(End::Behind),
    }
}

/// Says why, to whoever still listens.
async fn close(mut socket: WebSocket, code: u16, reason: String) {
    let _ = send(
        &mut socket,
        Message::Close(Some(CloseFrame {
            code,
            reason: reason.into(),
        })),
    )
    .await;
}

fn cut(reason: &'static str) {
    metrics::counter!("stream_manager_preview_viewers_cut_total", "reason" => reason).increment(1);
}
