//! A rehearsal: the alarm rings on purpose, and what it does is waited for. It is put back, whatever happens in between.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Action;
use super::aws::AlarmNow;
use super::evidence::ActionRun;
use super::plant::{Plant, Planted};
use crate::account::aws::AwsAccount;
use crate::account::error::AccountError;

/// How often it is looked.
const EVERY: Duration = Duration::from_millis(1_000);
/// How often putting back is tried, and the longest wait in between: some three minutes in all.
const TRIES: u32 = 18;
const LONGEST: Duration = Duration::from_secs(15);
const RINGING: &str = "ALARM";
/// What the reason of a rehearsal begins with; its id comes behind it.
pub const MARK_OF_DRILLS: &str = "trailarm drill ";
/// Clocks of AWS and of this machine differ.
const CLOCKS: i64 = 5;

/// What is rehearsed.
pub struct Rehearsal<'a> {
    pub alarm: &'a str,
    pub actions: &'a [Action],
    /// What the reason begins with: `trailarm drill 1a2b3c4d`.
    pub mark: String,
    /// Writes events in place of setting the state.
    pub plant: Option<&'a Plant>,
    /// How long to wait for all of it.
    pub timeout: Duration,
}

/// What came of an action.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// After so many seconds.
    Succeeded(f64),
    Failed(f64, String),
    /// Nothing was heard in time.
    Silent,
}

/// An action and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    pub action: Action,
    pub outcome: Outcome,
}

/// What a rehearsal brought.
#[derive(Debug, Clone, PartialEq)]
pub struct Drill {
    pub heard: Vec<Heard>,
    /// With planted events only.
    pub planted: Option<Planted>,
    /// The state that the alarm was in before, and is in now.
    pub before: String,
    pub after: String,
    /// Somebody asked to stop.
    pub is_stopped: bool,
}

impl Drill {
    /// Whether each link of it worked.
    pub fn holds(&self) -> bool {
        let seen = self.planted.as_ref().is_none_or(|planted| planted.metric.is_some() && planted.alarm.is_some());
        seen && !self.is_stopped && self.heard.iter().all(|heard| matches!(heard.outcome, Outcome::Succeeded(_)))
    }
}

/// Why nothing was rung, or what went wrong.
#[derive(Debug)]
pub enum Refused {
    /// It is in ALARM already: no rehearsal.
    Ringing(AlarmNow),
    Gone,
    /// A call failed. The alarm was put back nevertheless, or the error says how to do that.
    Account(AccountError),
}

impl From<AccountError> for Refused {
    fn from(error: AccountError) -> Self {
        Self::Account(error)
    }
}

/// The alarm as it is, unless it is in ALARM.
///
/// # Errors
/// See [`Refused`].
pub async fn quiet(account: &AwsAccount, alarm: &str) -> Result<AlarmNow, Refused> {
    match account.alarm_now(alarm).await? {
        Some(now) if now.state == RINGING => Err(Refused::Ringing(now)),
        Some(now) => Ok(now),
        None => Err(Refused::Gone),
    }
}

/// Rings the alarm, waits for its actions, and puts it back.
///
/// # Errors
/// See [`Refused`].
pub async fn drill(account: &AwsAccount, rehearsal: &Rehearsal<'_>, is_asked: &dyn Fn() -> bool) -> Result<Drill, Refused> {
    let started = jiff::Timestamp::now();
    // What was there before is no answer; and if that may not be read, nothing is rung.
    let earlier = Earlier {
        runs: account.alarm_runs(rehearsal.alarm, started.as_second() - CLOCKS).await?,
        sum: match rehearsal.plant {
            Some(plant) => account.metric_sum((&plant.namespace, &plant.metric), started.as_second()).await?,
            None => 0.0,
        },
    };
    // As late as can be: it may have begun to ring while a question was open.
    let before = quiet(account, rehearsal.alarm).await?;
    let rung = match rehearsal.plant {
        None => account.set_alarm_state(rehearsal.alarm, RINGING, &format!("{}: a rehearsal, nothing happened", rehearsal.mark)).await,
        Some(plant) => {
            let stream = rehearsal.mark.replace(MARK_OF_DRILLS, "trailarm-drill/");
            account.write_events(&plant.log_group, &stream, &plant.events).await
        }
    };
    // Whether the call came through is not known when it failed, so the alarm is put back in any case.
    let heard = match rung {
        Ok(()) => listen(account, rehearsal, (started, &earlier), is_asked).await,
        Err(error) => Err(error),
    };
    let after = match rehearsal.plant {
        None => put_back(account, rehearsal, &before).await?,
        // What rings for an event goes back by itself, when its period has passed.
        Some(_) => account.alarm_now(rehearsal.alarm).await?.map_or_else(String::new, |now| now.state),
    };
    let (heard, planted) = heard?;
    Ok(Drill { heard, planted, before: before.state, after, is_stopped: is_asked() })
}

/// What was there before the rehearsal.
struct Earlier {
    runs: Vec<ActionRun>,
    /// Of the metric, in the minute in which it begins.
    sum: f64,
}

type Listened = (Vec<Heard>, Option<Planted>);

/// Looks until all is heard, or time is up, or somebody asks to stop.
async fn listen(
    account: &AwsAccount,
    rehearsal: &Rehearsal<'_>,
    (started, earlier): (jiff::Timestamp, &Earlier),
    is_asked: &dyn Fn() -> bool,
) -> Result<Listened, AccountError> {
    let end = Instant::now() + rehearsal.timeout;
    let since = started.as_second() - CLOCKS;
    let after = || jiff::Timestamp::now().duration_since(started).as_secs_f64();
    let mut planted = rehearsal.plant.map(|_| Planted::default());
    loop {
        if let (Some(plant), Some(planted)) = (rehearsal.plant, &mut planted) {
            if planted.metric.is_none() && account.metric_sum((&plant.namespace, &plant.metric), started.as_second()).await? > earlier.sum {
                planted.metric = Some(after());
            }
            if planted.alarm.is_none() && account.alarm_now(rehearsal.alarm).await?.is_some_and(|now| now.state == RINGING) {
                planted.alarm = Some(after());
            }
        }
        let mut runs = account.alarm_runs(rehearsal.alarm, since).await?;
        runs.retain(|run| !earlier.runs.contains(run));
        let heard: Vec<Heard> = rehearsal.actions.iter().map(|action| of_action(action, &runs, started)).collect();
        let is_complete = heard.iter().all(|heard| heard.outcome != Outcome::Silent)
            && planted.as_ref().is_none_or(|planted| planted.metric.is_some() && planted.alarm.is_some());
        if is_complete || Instant::now() >= end || is_asked() {
            return Ok((heard, planted));
        }
        sleep(EVERY).await;
    }
}

/// The first thing that an action did since the rehearsal began.
fn of_action(action: &Action, runs: &[ActionRun], started: jiff::Timestamp) -> Heard {
    let run = runs.iter().rev().find(|run| run.action == action.arn);
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of minutes")]
    let seconds = |run: &ActionRun| ((run.at - started.as_millisecond()).max(0) as f64) / 1000.0;
    let outcome = match run {
        None => Outcome::Silent,
        Some(run) if run.succeeded => Outcome::Succeeded(seconds(run)),
        Some(run) => Outcome::Failed(seconds(run), run.error.clone()),
    };
    Heard { action: action.clone(), outcome }
}

/// Puts the alarm into the state it was in, unless CloudWatch has evaluated it meanwhile: what it says then is the truth.
///
/// The network may be gone for a while, so it is tried for some minutes, whatever the error.
async fn put_back(account: &AwsAccount, rehearsal: &Rehearsal<'_>, before: &AlarmNow) -> Result<String, AccountError> {
    let mut wait = Duration::from_millis(250);
    for last in (0..TRIES).rev() {
        match try_back(account, rehearsal, before).await {
            Ok(Some(state)) => return Ok(state),
            Ok(None) if last > 0 => {}
            Err(_) if last > 0 => {}
            Ok(None) => break,
            Err(error) => return Err(AccountError { message: format!("{} ({})", error.message, by_hand(rehearsal, before)), ..error }),
        }
        sleep(wait).await;
        wait = (wait * 2).min(LONGEST);
    }
    Err(AccountError::other("cloudwatch:SetAlarmState", rehearsal.alarm, &format!("it had no effect ({})", by_hand(rehearsal, before))))
}

fn by_hand(rehearsal: &Rehearsal<'_>, before: &AlarmNow) -> String {
    format!("the alarm may still be in ALARM by this rehearsal; put it back: {}", back_by_hand(rehearsal.alarm, &before.state))
}

/// What puts an alarm back, for a shell.
pub fn back_by_hand(alarm: &str, state: &str) -> String {
    let name = alarm.replace('\'', "'\\''");
    format!("aws cloudwatch set-alarm-state --alarm-name '{name}' --state-value {state} --state-reason 'the rehearsal is over'")
}

/// The state, once it is not the rehearsal's any more. A state that CloudWatch found is left; any other is set, since what is read may
/// be older than what was rung.
async fn try_back(account: &AwsAccount, rehearsal: &Rehearsal<'_>, before: &AlarmNow) -> Result<Option<String>, AccountError> {
    let is_over = |now: &AlarmNow| now.reason.starts_with(&rehearsal.mark) && now.state != RINGING;
    let is_found = |now: &AlarmNow| !now.reason.starts_with(&rehearsal.mark) && now.reason != before.reason;
    match account.alarm_now(rehearsal.alarm).await? {
        Some(now) if is_found(&now) || is_over(&now) => return Ok(Some(now.state)),
        Some(_) => {}
        None => return Ok(Some(String::new())),
    }
    account.set_alarm_state(rehearsal.alarm, &before.state, &format!("{} is over", rehearsal.mark)).await?;
    let now = account.alarm_now(rehearsal.alarm).await?;
    Ok(now.filter(|now| is_over(now) || is_found(now)).map(|now| now.state))
}

/// What actions change something, by the words that `--include-actions` takes, and are not among the included.
pub fn refused<'a>(actions: impl IntoIterator<Item = &'a Action>, included: &[String]) -> Vec<&'a Action> {
    let is_refused = |action: &&Action| action.act.changing().is_some_and(|word| !included.iter().any(|included| included == word));
    actions.into_iter().filter(is_refused).collect()
}
