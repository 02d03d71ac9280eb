//! What an account may answer instead: which call, on what, why, and what to do.

use std::error::Error as StdError;
use std::fmt;

use aws_sdk_sts::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};

/// Why a call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    NoCredentials,
    BadCredentials,
    Expired,
    Denied,
    Throttled,
    Unreachable,
    NotFound,
    /// Somebody else changes the same object.
    Busy,
    Limit,
    /// A resource's policy that cannot be read as JSON.
    BadPolicy,
    NoRegion,
    /// A snapshot file that cannot be used.
    Snapshot,
    Other,
}

/// A call on an account that did not do what it should.
#[derive(Debug, Clone)]
pub struct AccountError {
    /// Service and operation as IAM names them: `logs:PutMetricFilter`.
    pub call: String,
    pub subject: String,
    pub reason: Reason,
    pub message: String,
}

impl AccountError {
    pub fn new(call: &str, subject: &str, reason: Reason, message: impl Into<String>) -> Self {
        Self { call: call.to_owned(), subject: subject.to_owned(), reason, message: message.into() }
    }

    pub fn other(call: &str, subject: &str, error: &dyn fmt::Display) -> Self {
        Self::new(call, subject, Reason::Other, error.to_string())
    }

    /// What an SDK call came back with.
    pub fn from_sdk<E, R>(call: &str, subject: &str, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + StdError + 'static,
        R: fmt::Debug + 'static,
    {
        let Some(service) = error.as_service_error() else { return Self::without_answer(call, subject, error) };
        let code = service.code().unwrap_or("unknown error");
        let message = service.message().unwrap_or("the service gave no reason");
        Self::new(call, subject, reason_of(code), format!("{code}: {message}"))
    }

    fn without_answer<E, R>(call: &str, subject: &str, error: &SdkError<E, R>) -> Self
    where
        E: StdError + 'static,
        R: fmt::Debug + 'static,
    {
        let chain = DisplayErrorContext(error).to_string();
        let chain = chain.split(" (").next().unwrap_or_default().to_owned();
        let lower = DisplayErrorContext(error).to_string().to_lowercase();
        let reason = match error {
            _ if lower.contains("expired") && lower.contains("credential") => Reason::Expired,
            SdkError::DispatchFailure(f) if f.is_timeout() || f.is_io() => Reason::Unreachable,
            SdkError::TimeoutError(_) => Reason::Unreachable,
            _ if lower.contains("credential") => Reason::NoCredentials,
            SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => Reason::Unreachable,
            _ => Reason::Other,
        };
        let message = if reason == Reason::NoCredentials {
            "looked in environment, profile, web identity, container and instance".to_owned()
        } else {
            chain
        };
        Self::new(call, subject, reason, message)
    }

    /// The account as a whole cannot be used: going on with the next call makes no sense.
    pub fn is_final(&self) -> bool {
        matches!(self.reason, Reason::NoCredentials | Reason::BadCredentials | Reason::Expired | Reason::Unreachable)
    }

    /// Puts `shown` in the place of what is nobody's business.
    #[must_use]
    pub fn masked(mut self, secret: &str, shown: &str) -> Self {
        self.subject = self.subject.replace(secret, shown);
        self.message = self.message.replace(secret, shown);
        self
    }

    /// What to do next.
    pub fn help(&self) -> String {
        match self.reason {
            Reason::NoCredentials => "log in (`aws sso login`), or set AWS_PROFILE, or plan offline with `--account FILE`".to_owned(),
            Reason::BadCredentials => "AWS does not know these credentials: check AWS_PROFILE and AWS_ACCESS_KEY_ID".to_owned(),
            Reason::Expired => "the credentials have expired: log in again (`aws sso login`), or renew the session".to_owned(),
            Reason::Denied => format!("allow `{}` for this role; docs/permissions.md lists what trailarm needs", self.call),
            Reason::Throttled => {
                "AWS throttled the call even after retries: run it again in a minute; what was done is not done twice".to_owned()
            }
            Reason::Unreachable => "check the network, the proxy, the Region's name and AWS_ENDPOINT_URL".to_owned(),
            Reason::NotFound if self.call.starts_with("lambda:") => {
                "deploy the function first, with the version or the alias that the alarm names, and apply again".to_owned()
            }
            Reason::NotFound if self.call == "sns:SetTopicAttributes" => {
                "a topic that is named by `arn:` has to exist: make it, or mend the ARN".to_owned()
            }
            Reason::NotFound => "check the name, the account and the Region".to_owned(),
            Reason::Busy => "somebody else is changing the same object: run it again".to_owned(),
            Reason::Limit => "a quota of the account is used up: remove what is not needed, or ask AWS for more".to_owned(),
            Reason::BadPolicy => "it was left alone: mend the policy in the console, and run it again".to_owned(),
            Reason::NoRegion => "give `--region`, or set AWS_REGION".to_owned(),
            Reason::Snapshot => "mend the file, or write a new one with `trailarm snapshot`".to_owned(),
            Reason::Other => {
                "the message above is AWS's own; run with the definition fixed, or report it if trailarm should have seen it".to_owned()
            }
        }
    }
}

impl fmt::Display for AccountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.reason {
            Reason::NoCredentials => "no AWS credentials were found",
            Reason::BadCredentials => "the AWS credentials are not valid",
            Reason::Expired => "the AWS credentials have expired",
            Reason::Denied => "access denied",
            Reason::Throttled => "throttled",
            Reason::Unreachable => "the endpoint cannot be reached",
            Reason::NotFound => "not found",
            Reason::Busy => "busy",
            Reason::Limit => "a limit is reached",
            Reason::BadPolicy => "the policy cannot be read",
            Reason::NoRegion => "no Region is set",
            Reason::Snapshot => "the snapshot account cannot be used",
            Reason::Other => "the call failed",
        };
        let on = if self.reason == Reason::Snapshot { "" } else { "on " };
        write!(f, "{what}: {} {on}{}: {}", self.call, self.subject, self.message)
    }
}

impl StdError for AccountError {}

/// What was asked for, if it is there: that it is not is an answer.
///
/// # Errors
/// Any other than not found.
pub(crate) fn if_there<T>(answer: Result<T, AccountError>) -> Result<Option<T>, AccountError> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.reason == Reason::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn reason_of(code: &str) -> Reason {
    match code {
        c if c.starts_with("AccessDenied") || c.starts_with("AuthorizationError") || c == "UnauthorizedOperation" => Reason::Denied,
        c if c.starts_with("ExpiredToken") || c == "RequestExpired" => Reason::Expired,
        "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "MissingAuthenticationToken"
        | "IncompleteSignature"
        | "InvalidAccessKeyId" => Reason::BadCredentials,
        c if c.starts_with("Throttl") || c == "TooManyRequestsException" || c == "RequestLimitExceeded" => Reason::Throttled,
        c if c.starts_with("ResourceNotFound") || c.starts_with("NotFound") || c == "TrailNotFoundException" || c == "NoSuchEntity" => {
            Reason::NotFound
        }
        c if c.starts_with("OperationAborted") || c.starts_with("Concurrent") => Reason::Busy,
        c if c.starts_with("LimitExceeded") || c.ends_with("LimitExceeded") || c == "LimitExceededFault" => Reason::Limit,
        _ => Reason::Other,
    }
}
