//! Ctrl-C, a job that CI ends, a terminal that is closed: the first signal asks to stop, the second one stops.

use std::sync::atomic::{AtomicBool, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);

/// What a second signal does.
#[derive(Clone, Copy, PartialEq)]
enum Second {
    Ends,
    /// What has to be put back is put back first.
    Waits,
}

/// Listens from now on. Where that cannot be done, Ctrl-C ends the program as it always does.
pub(super) fn listen() {
    watch(Second::Ends);
}

/// The same for what must not be ended in between.
pub(super) fn listen_patiently() {
    watch(Second::Waits);
}

fn watch(second: Second) {
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            let mut signals = Signals::new();
            while signals.next().await {
                if ASKED.swap(true, Ordering::Relaxed) && second == Second::Ends {
                    end();
                }
            }
        });
    });
}

/// Ctrl-C and, where there are such, the signals of a job that is ended and of a terminal that is closed.
struct Signals {
    #[cfg(unix)]
    all: Vec<tokio::signal::unix::Signal>,
}

impl Signals {
    #[cfg(unix)]
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup(), SignalKind::quit()];
        Self { all: kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect() }
    }

    #[cfg(not(unix))]
    fn new() -> Self {
        Self {}
    }

    /// false: nothing will come any more.
    #[cfg(unix)]
    async fn next(&mut self) -> bool {
        if self.all.is_empty() {
            return false;
        }
        let waiting = self.all.iter_mut().map(|signal| Box::pin(signal.recv()));
        futures_util::future::select_all(waiting).await.0.is_some()
    }

    #[cfg(not(unix))]
    async fn next(&mut self) -> bool {
        tokio::signal::ctrl_c().await.is_ok()
    }
}

#[expect(clippy::exit, reason = "whoever presses Ctrl-C twice does not want to wait")]
fn end() {
    std::process::exit(130);
}

/// Whether somebody asked to stop.
pub(super) fn is_asked() -> bool {
    ASKED.load(Ordering::Relaxed)
}
