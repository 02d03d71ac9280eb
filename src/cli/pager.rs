//! Long text on a terminal goes through a pager, as git's does: `PAGER`, or `less`, which ends by itself when all fits.

use std::io::{self, IsTerminal, Write};
use std::process::{Child, Command, Stdio};

use super::environment::{is_on, variable};

/// Prints text, page by page where somebody looks at it.
pub(super) fn print(text: &str) -> io::Result<()> {
    let mut stdout = anstream::stdout().lock();
    if !io::stdout().is_terminal() || !io::stdin().is_terminal() || is_on("CI") {
        return stdout.write_all(text.as_bytes());
    }
    let colours = anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
    match start() {
        Some(mut pager) => {
            if let Some(mut pages) = pager.stdin.take() {
                let plain = anstream::adapter::strip_str(text).to_string();
                // Who has seen enough ends the pager, and that is no error.
                let _ = pages.write_all(if colours { text.as_bytes() } else { plain.as_bytes() });
            }
            pager.wait().map(drop)
        }
        None => stdout.write_all(text.as_bytes()),
    }
}

/// `None`: none is wanted, or it cannot be started.
fn start() -> Option<Child> {
    let wanted = variable("PAGER").unwrap_or_else(|| "less".to_owned());
    if wanted == "cat" {
        return None;
    }
    let mut command = Command::new("sh");
    command.args(["-c", &format!("exec {wanted}")]).stdin(Stdio::piped());
    if variable("LESS").is_none() {
        // Quit when it fits, raw colours, leave it on the screen.
        command.env("LESS", "FRX");
    }
    // A shell starts even if the pager does not, and the text would be lost.
    let program = wanted.split_whitespace().next().unwrap_or_default();
    let is_there = Command::new("sh").args(["-c", "command -v \"$0\" > /dev/null", program]).status().is_ok_and(|status| status.success());
    if is_there { command.spawn().ok() } else { None }
}
