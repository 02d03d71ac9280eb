//! Calls of a JSON API with a token, and what their refusals mean.

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use serde_json::Value;
use std::time::Duration;

use crate::finding::{Code, Finding};

/// A service and how to call it.
pub(super) struct Http {
    connector: Connector,
    api: String,
    /// Name and value of the header with the token.
    token: (&'static str, String),
}

/// An answer: its status, and its body as JSON (null when it is none).
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Value,
    /// Seconds until the next call is let through.
    retry_after: Option<String>,
    calls_left: Option<String>,
}

impl Http {
    pub(super) fn new(api: &str, token: (&'static str, String)) -> Result<Self, Finding> {
        let is_local = is_local(api);
        if !api.starts_with("https://") && !is_local {
            let finding = Finding::error(Code::Refused, format!("the API {api} is not https, and the token would be sent in the open"));
            return Err(finding.help("name the https address of the API with `--api`"));
        }
        let times = HttpConnectorSettings::builder().connect_timeout(Duration::from_secs(10)).read_timeout(Duration::from_secs(30)).build();
        let builder = Connector::builder().connector_settings(times).sleep_impl(TokioSleep::new());
        let builder = if is_local { builder } else { builder.proxy_config(ProxyConfig::from_env()) };
        let connector = if is_local { builder.build_http() } else { builder.tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build() };
        Ok(Self { connector, api: api.trim_end_matches('/').to_owned(), token })
    }

    /// Calls; an answer that is no success is an answer.
    pub(super) async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Answer, Finding> {
        let wrong = |what: &dyn std::fmt::Display| {
            let finding = Finding::error(Code::Refused, format!("{} cannot be reached: {what}", self.api));
            finding.help("check the address (`--api`), the network and the proxy")
        };
        let mut request = HttpRequest::new(SdkBody::from(body.map(Value::to_string).unwrap_or_default()));
        request.set_method(method).map_err(|e| wrong(&e))?;
        request.set_uri(format!("{}{path}", self.api)).map_err(|e| wrong(&e))?;
        let headers = request.headers_mut();
        let (name, token) = &self.token;
        headers.try_insert(*name, token.clone()).map_err(|_| {
            Finding::error(Code::Refused, "the token has characters that cannot stand in a header").help("look at what the variable holds")
        })?;
        headers.insert("user-agent", concat!("trailarm/", env!("CARGO_PKG_VERSION")));
        headers.insert("accept", "application/json");
        if body.is_some() {
            headers.insert("content-type", "application/json");
        }
        let mut response = self.connector.call(request).await.map_err(|e| wrong(&chain(&e)))?;
        let header = |name: &str| response.headers().get(name).map(str::to_owned);
        let (retry_after, calls_left) = (header("retry-after").or_else(|| header("ratelimit-reset")), header("x-ratelimit-remaining"));
        let status = response.status().as_u16();
        let bytes = ByteStream::new(response.take_body()).collect().await.map_err(|e| wrong(&e))?.into_bytes();
        Ok(Answer { status, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null), retry_after, calls_left })
    }

    /// The same, and what is no success is an error.
    pub(super) async fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Finding> {
        let answer = self.call(method, path, body).await?;
        if (200..300).contains(&answer.status) { Ok(answer.body) } else { Err(answer.refusal(method, path)) }
    }
}

impl Answer {
    /// Whether it is refused because of too many calls.
    pub(super) fn is_limited(&self) -> bool {
        self.status == 429 || (self.status == 403 && (self.calls_left.as_deref() == Some("0") || self.retry_after.is_some()))
    }

    pub(super) fn refusal(&self, method: &str, path: &str) -> Finding {
        let said = self.body["message"].as_str().map_or_else(|| self.body["message"].to_string(), str::to_owned);
        let (what, help) = match self.status {
            _ if self.is_limited() => {
                let when = self.retry_after.as_ref().map(|seconds| format!(" in {seconds} seconds")).unwrap_or_default();
                ("too many calls".to_owned(), format!("nothing was posted; run it again{when}"))
            }
            401 => ("the token is not taken".to_owned(), "nothing was posted; check that it has not expired".to_owned()),
            403 => (
                "the token may not do this".to_owned(),
                "nothing was posted; on GitHub give the job `permissions: {pull-requests: write}`, on GitLab a token with the scope `api`"
                    .to_owned(),
            ),
            404 => (
                "there is no such thing, or the token may not see it".to_owned(),
                "nothing was posted; check repository and number (`--repository`, `--number`)".to_owned(),
            ),
            422 | 400 => ("the comment is not taken".to_owned(), "nothing was posted; the answer says why".to_owned()),
            500.. if method == "GET" => ("the service has trouble".to_owned(), "nothing was posted; run it again".to_owned()),
            500.. => (
                "the service has trouble".to_owned(),
                "whether it was posted is not known; run it again, it posts nothing twice".to_owned(),
            ),
            _ => ("refused".to_owned(), "nothing was posted".to_owned()),
        };
        Finding::error(Code::Refused, format!("{method} {path}: {}: {what} ({said})", self.status)).help(help)
    }
}

/// Whether an address is one of this machine, where a token may go without TLS.
fn is_local(api: &str) -> bool {
    let Some(authority) = api.strip_prefix("http://").and_then(|rest| rest.split(['/', '?', '#']).next()) else { return false };
    let port = |rest: &str| {
        rest.is_empty() || rest.strip_prefix(':').is_some_and(|port| !port.is_empty() && port.chars().all(|c| c.is_ascii_digit()))
    };
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|host| authority.strip_prefix(host).is_some_and(port))
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut out = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        out = format!("{out}: {error}");
        source = error.source();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_leave_the_machine_under_tls_only() {
        for (api, local) in [
            ("http://127.0.0.1:8080", true),
            ("http://localhost/api", true),
            ("http://[::1]:1", true),
            ("http://127.0.0.1.evil.example.com", false),
            ("http://localhost@evil.example.com", false),
            ("http://localhost:80@evil.example.com", false),
            ("https://localhost", false),
        ] {
            assert_eq!(is_local(api), local, "{api}");
        }
    }
}
