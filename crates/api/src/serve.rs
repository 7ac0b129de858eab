//! A port and its connections.

use axum::Router;
use axum::serve::ListenerExt;
use std::io;
use tokio::net::TcpListener;

/// Answers on `listener` until `shutdown` ends, then finishes the requests under way.
///
/// Connections that became a WebSocket are not waited for: [`Api::end_preview`](crate::Api::end_preview) ends those.
///
/// # Errors
/// Those of the listener.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    // A fragment is smaller than a packet of the network now and then, and must not wait for the next one.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
    });
    axum::serve(listener, router)
        .with_graceful_shutdown(shutdown)
        .await
}
