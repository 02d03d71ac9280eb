//! `trailarm test --live`: AWS is asked about the events of the tests.

use super::args::Aws;
use super::failure::Failure;
use crate::suite::{Suite, TestResult, compare, questions, refused};

/// Asks about every event of every test. What was answered before a failure is kept in `results`.
pub(super) async fn ask(suite: &Suite<'_>, aws: &Aws, results: &mut Vec<TestResult>) -> Result<(), Failure> {
    let account = aws.connect().await?;
    for (text, (pattern, questions)) in questions(suite) {
        let events: Vec<&str> = questions.iter().map(|question| question.event.as_str()).collect();
        match account.test_metric_filter(text, &events).await {
            Ok(answers) => {
                results.extend(questions.into_iter().zip(answers).map(|(question, answer)| compare(text, pattern, question, answer)))
            }
            // The one thing that AWS can find wrong with these calls.
            Err(error) if error.message.starts_with("InvalidParameter") => {
                results.extend(questions.into_iter().map(|question| refused(text, question, &error.message)));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
