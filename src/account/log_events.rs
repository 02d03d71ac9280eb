//! The events of a log group that a pattern matches, as AWS itself sees it (FilterLogEvents).

use super::aws::Clients;
use super::error::AccountError;

/// An event of a log group. Times are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEvent {
    pub timestamp: i64,
    /// When it came in.
    pub ingested: Option<i64>,
    pub message: String,
}

/// Hands the events to `each`, a page at a time, until it has enough. Times are seconds since 1970; `until` is not in it.
///
/// # Errors
/// A call fails; AWS refuses the pattern.
pub(super) async fn log_events(
    aws: &Clients,
    log_group: &str,
    pattern: &str,
    (since, until): (i64, i64),
    each: &mut dyn FnMut(Vec<LogEvent>) -> bool,
) -> Result<(), AccountError> {
    let subject = format!("{}{log_group}", crate::kinds::metric_filter::LOG_GROUP);
    let mut token = None;
    loop {
        let request = aws.logs.filter_log_events().log_group_name(log_group).filter_pattern(pattern);
        let request = request.start_time(since * 1000).end_time(until * 1000 - 1).set_next_token(token);
        let page = aws.call("logs:FilterLogEvents", &subject, request.send()).await?;
        let event = |event: aws_sdk_cloudwatchlogs::types::FilteredLogEvent| {
            Some(LogEvent { timestamp: event.timestamp?, ingested: event.ingestion_time, message: event.message? })
        };
        // A page may be empty and not the last one.
        let goes_on = each(page.events.unwrap_or_default().into_iter().filter_map(event).collect());
        token = page.next_token.filter(|token| !token.is_empty());
        if !goes_on || token.is_none() {
            return Ok(());
        }
    }
}
