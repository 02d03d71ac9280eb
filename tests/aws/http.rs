//! HTTP/1.1 as far as an SDK client needs it: one thread a connection, keep-alive, content-length.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

/// A request.
pub(crate) struct Request {
    pub method: String,
    pub path: String,
    /// `authorization`, or GitLab's `private-token`.
    pub token: String,
    /// `x-amz-target`, for awsJson.
    pub target: String,
    pub body: Vec<u8>,
}

/// An answer.
pub(crate) struct Response {
    pub status: u16,
    pub content_type: &'static str,
    pub body: Vec<u8>,
    /// Lines as they are sent: `retry-after: 30`.
    pub headers: Vec<String>,
}

impl Response {
    pub(crate) fn new(status: u16, content_type: &'static str, body: Vec<u8>) -> Self {
        Self { status, content_type, body, headers: Vec::new() }
    }
}

/// Serves on a free loopback port until the process ends; returns the URL.
pub(crate) fn serve(handler: impl Fn(Request) -> Response + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free loopback port");
    let url = format!("http://{}", listener.local_addr().expect("a bound address"));
    let handler = Arc::new(handler);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let handler = Arc::clone(&handler);
            std::thread::spawn(move || connection(stream, &*handler));
        }
    });
    url
}

/// Answers until the client hangs up.
fn connection(stream: TcpStream, handler: &dyn Fn(Request) -> Response) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut writer = stream.try_clone().ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let request = read(&mut reader)?;
        let Response { status, content_type, body, headers } = handler(request);
        let protocol = if content_type == "application/cbor" { "smithy-protocol: rpc-v2-cbor\r\n" } else { "" };
        let more: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
        let head = format!("HTTP/1.1 {status} X\r\ncontent-type: {content_type}\r\n{protocol}{more}content-length: {}\r\n\r\n", body.len());
        writer.write_all(&[head.as_bytes(), &body].concat()).ok()?;
    }
}

fn read(reader: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
    let (method, path) = (line.split(' ').next()?.to_owned(), line.split(' ').nth(1)?.to_owned());
    let (mut length, mut target, mut token) = (0, String::new(), String::new());
    loop {
        line.clear();
        reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            "x-amz-target" => target = value.trim().rsplit('.').next()?.to_owned(),
            "authorization" | "private-token" => token = value.trim().to_owned(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { method, path, token, target, body })
}
