//! Ctrl-C, and the signal by which CI ends a job: the first one asks to stop, the second one stops.

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

/// Ctrl-C and, where there is one, the signal to end.
struct Signals {
    #[cfg(unix)]
    terminate: Option<tokio::signal::unix::Signal>,
}

impl Signals {
    fn new() -> Self {
        Self {
            #[cfg(unix)]
            terminate: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).ok(),
        }
    }

    /// false: nothing will come any more.
    async fn next(&mut self) -> bool {
        #[cfg(unix)]
        if let Some(terminate) = &mut self.terminate {
            return tokio::select! {
                caught = tokio::signal::ctrl_c() => caught.is_ok(),
                caught = terminate.recv() => caught.is_some(),
            };
        }
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
