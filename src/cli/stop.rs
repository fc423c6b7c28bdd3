//! Ctrl-C, or the SIGTERM that CI systems send before they kill, to a command that ends early and keeps what it has.

use std::future::pending;

use tokio::signal;

/// Waits until one of the two comes, and returns what it is called; where we cannot listen for it, it never comes.
pub async fn asked_for() -> &'static str {
    tokio::select! {
        Ok(()) = signal::ctrl_c() => "Ctrl-C",
        () = terminated() => "SIGTERM",
    }
}

#[cfg(unix)]
async fn terminated() {
    match signal::unix::signal(signal::unix::SignalKind::terminate()) {
        Ok(mut signal) => _ = signal.recv().await,
        Err(_) => pending().await,
    }
}

#[cfg(not(unix))]
async fn terminated() {
    pending().await
}
