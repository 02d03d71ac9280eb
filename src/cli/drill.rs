//! `trailarm drill`: rings an alarm on purpose, and says who heard it.

use std::io::Write;
use std::time::Duration;

use clap::Args;
use clap::builder::{FalseyValueParser, PossibleValuesParser};
use clap_complete::ArgValueCandidates;

use super::Answer;
use super::apply::ask;
use super::args::{Consent, Format, Target};
use super::completions;
use super::failure::Failure;
use super::interrupt;
use super::output::{Output, text};
use super::session::{AnyAccount, open_account, open_project};
use crate::account::Account;
use crate::account::aws::AwsAccount;
use crate::chain::{Action, AlarmNow, Plant, Rehearsal, drill, refused};
use crate::detection::{BuiltAlarm, Unit};
use crate::finding::{Code, Finding, suggest};
use crate::kinds::composite_alarm::rule::Rule;
use crate::kinds::{Query, kind};
use crate::planning::{log_groups, scope_of};
use crate::read::query;
use crate::report::json::drill::V1Drill;
use crate::report::{self, json};
use crate::stack::{Compiled, Project, compile};
use crate::state::{Address, Attributes, Resource, Scope};

#[derive(Debug, Args)]
#[command(
    after_help = "Only an alarm of this stack is rung, and only one that is not in ALARM. It is put back into the state it was in, also after \
    Ctrl-C,\nunless CloudWatch has evaluated it meanwhile. With --plant it goes back by itself, when its period has passed.\n\
    Exit code: 0 when all its actions succeeded, 2 when one failed or nothing was heard of it, 1 on an error."
)]
pub(super) struct DrillArgs {
    /// Address or name of the detection
    #[arg(value_name = "DETECTION", add = ArgValueCandidates::new(completions::detections))]
    detection: String,
    /// Write an event that matches (from the detection's tests, marked) into the log group, and wait for metric, alarm and actions
    #[arg(long, env = "TRAILARM_PLANT", value_parser = FalseyValueParser::new())]
    plant: bool,
    /// Actions that change something and are to run all the same
    #[arg(long, value_name = "KIND", value_delimiter = ',', env = "TRAILARM_INCLUDE_ACTIONS",
        value_parser = PossibleValuesParser::new(["lambda", "ec2", "autoscaling"]))]
    include_actions: Vec<String>,
    /// How long to wait, in seconds [default: 60, with --plant 900]
    #[arg(long, value_name = "SECONDS", env = "TRAILARM_TIMEOUT", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: Option<u64>,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    output: Output,
}

pub(super) async fn run(args: &DrillArgs) -> Result<Answer, Failure> {
    args.output.files()?;
    let project = open_project(args.target.config.as_deref())?;
    let AnyAccount::Aws(account) = open_account(&args.target).await? else {
        let finding = Finding::error(Code::Unusable, "a snapshot account has no alarms that could ring");
        return Err(finding.help("leave `--account` out, and log in to AWS").into());
    };
    let stage = Stage::set(&account, &project, &args.detection).await?;
    let plant = if args.plant { Some(stage.plant()?) } else { None };
    let also = stage.also(plant.as_ref());
    stage.may(args, &also)?;
    let before = stage.quiet(&account).await?;
    stage.announce(plant.as_ref(), &also)?;
    if !args.consent.auto_approve {
        ask("Ring it?", "nothing was rung")?;
    }
    interrupt::listen_patiently();
    // It may have begun to ring while the question was open.
    let before = if args.consent.auto_approve { before } else { stage.quiet(&account).await? };
    let rehearsal = Rehearsal {
        alarm: &stage.alarm.address.name,
        actions: &stage.actions,
        mark: format!("trailarm drill {}", stage.id),
        plant: plant.as_ref(),
        timeout: Duration::from_secs(args.timeout.unwrap_or(if args.plant { 900 } else { 60 })),
    };
    let told = drill(&account, &rehearsal, &before, &interrupt::is_asked).await?;
    let document = report::drill(&stage.unit.ready.address, &stage.alarm.address.name, &told);
    args.output.write(|format| {
        Ok(match format {
            Format::Text => text(&document)?,
            Format::Markdown => report::markdown(&document),
            Format::Html => report::html("Rehearsal", &document),
            Format::Json => format!("{}\n", json::pretty(&V1Drill::new(&stage.unit.ready.address, &stage.alarm.address.name, &told))?),
        })
    })?;
    if told.is_stopped {
        return Err(Failure::Reported);
    }
    Ok(if told.holds() { Answer::Yes } else { Answer::Difference })
}

/// What is rung.
struct Stage {
    scope: Scope,
    compiled: Compiled,
    unit: Unit,
    /// As the account has it.
    alarm: Resource,
    actions: Vec<Action>,
    id: String,
}

impl Stage {
    async fn set(account: &AwsAccount, project: &Project, name: &str) -> Result<Self, Failure> {
        let scope = scope_of(project, account.identity())?;
        let groups = log_groups(account, project, &scope).await?;
        let mut compiled = compile(project, &scope, &groups)?;
        let is_it = |unit: &Unit| unit.ready.address == name || unit.ready.name == name;
        let Some(index) = compiled.units.iter().position(is_it) else {
            let known = compiled.units.iter().map(|unit| unit.ready.address.as_str());
            let finding = Finding::error(Code::UnknownName, format!("no detection of the stack is called {name}"));
            return Err(finding.help(suggest(name, known)).into());
        };
        let unit = compiled.units.remove(index);
        let address = match &unit.alarm {
            Some(BuiltAlarm::Metric(alarm)) => alarm.as_ref().clone().resource().address,
            Some(BuiltAlarm::Composite(alarm)) => alarm.as_ref().clone().resource().address,
            None => return Err(Finding::error(Code::Unusable, format!("{name} has no alarm")).help("give it an `alarm:`").into()),
        };
        let wanted = Query { only_named: true, named: [address.clone()].into(), ..query(&scope, &compiled, &groups, false) };
        let alarm = owned(account, &scope, &address, &wanted).await?;
        let actions = Action::of_alarm(&alarm.address, &alarm.attributes);
        let id = format!("{:08x}", fastrand::u32(..));
        Ok(Self { scope, compiled, unit, alarm, actions, id })
    }

    fn plant(&self) -> Result<Plant, Failure> {
        let now = jiff::Timestamp::now();
        let time = jiff::Timestamp::from_second(now.as_second()).unwrap_or(now).to_string();
        Plant::of(&self.unit, &self.id, &time).map_err(|why| {
            let finding = Finding::error(Code::Unusable, format!("{} cannot be rehearsed with an event: {why}", self.unit.ready.address));
            finding.help("leave `--plant` out: the alarm is then rung by itself").into()
        })
    }

    /// Other alarms of the stack that may ring as well: those that the event matches, and composite ones above.
    fn also(&self, plant: Option<&Plant>) -> Vec<(String, Vec<Action>)> {
        let mut ringing = vec![self.alarm.address.name.clone()];
        let matched = self.compiled.units.iter().filter(|unit| plant.is_some_and(|plant| plant.rings(unit)));
        ringing.extend(matched.filter_map(|unit| match &unit.alarm {
            Some(BuiltAlarm::Metric(alarm)) => Some(alarm.name.clone()),
            _ => None,
        }));
        let composites = || self.compiled.desired.state.0.iter().filter(|(address, _)| address.kind == "composite_alarm");
        loop {
            let above = |(address, attributes): &(&Address, &Attributes)| {
                !ringing.contains(&address.name) && looks_at(attributes, &ringing, &self.scope)
            };
            let Some((address, _)) = composites().find(above) else { break };
            ringing.push(address.name.clone());
        }
        let actions = |name: &String| {
            let desired =
                self.compiled.desired.state.0.iter().find(|(address, _)| address.kind.ends_with("alarm") && address.name == *name);
            desired.map(|(address, attributes)| Action::of_alarm(address, attributes)).unwrap_or_default()
        };
        ringing.iter().skip(1).map(|name| (name.clone(), actions(name))).collect()
    }

    /// Nothing that changes something runs unasked.
    fn may(&self, args: &DrillArgs, also: &[(String, Vec<Action>)]) -> Result<(), Failure> {
        let name = &self.alarm.address.name;
        if self.alarm.attributes.get("actions_enabled") == Some(&false.into()) {
            let finding = Finding::error(Code::Unusable, format!("the actions of {name} are switched off, so nobody would hear it"));
            return Err(finding.help("switch them on with `trailarm apply`; `trailarm doctor` looks at the rest").into());
        }
        if self.actions.is_empty() {
            let finding = Finding::error(Code::Unusable, format!("{name} does nothing on ALARM, so nobody would hear it"));
            return Err(finding.help("name a topic: `notify: [security]`").into());
        }
        let all = self.actions.iter().chain(also.iter().flat_map(|(_, actions)| actions));
        let refused = refused(all, &args.include_actions);
        let Some(first) = refused.first() else { return Ok(()) };
        let mut words: Vec<&str> = refused.iter().filter_map(|action| action.act.changing()).collect();
        words.sort_unstable();
        words.dedup();
        let finding = Finding::error(Code::Unusable, format!("a rehearsal would run what changes something: {}", first.words()));
        Err(finding.help(format!("nothing was rung; if it may run, say `--include-actions {}`", words.join(","))).into())
    }

    /// An alarm that rings already is no rehearsal.
    async fn quiet(&self, account: &AwsAccount) -> Result<AlarmNow, Failure> {
        let name = &self.alarm.address.name;
        match account.alarm_now(name).await? {
            Some(now) if now.state != "ALARM" => Ok(now),
            Some(now) => {
                let finding = Finding::error(Code::Unusable, format!("{name} is in ALARM now: {}", now.reason));
                Err(finding.help("this is no rehearsal: see what happened, and rehearse when it is over").into())
            }
            None => Err(gone(name).into()),
        }
    }

    fn announce(&self, plant: Option<&Plant>, also: &[(String, Vec<Action>)]) -> Result<(), Failure> {
        let mut err = anstream::stderr();
        let words = |actions: &[Action]| actions.iter().map(Action::words).collect::<Vec<_>>().join(", ");
        let name = report::escape(&self.alarm.address.name);
        writeln!(err, "Rehearsal {} in account {}, {}", self.id, self.scope.account_id, self.scope.region)?;
        match plant {
            Some(plant) => {
                let group = report::escape(&plant.log_group);
                writeln!(err, "  {} marked events go into the log group {group}, where they stay", plant.events.len())?;
            }
            None => writeln!(err, "  {name} is put into ALARM, and back")?,
        }
        writeln!(err, "  {name} acts: {}", report::escape(&words(&self.actions)))?;
        for (other, actions) in also {
            writeln!(err, "  {} may ring too: {}", report::escape(other), report::escape(&words(actions)))?;
        }
        Ok(())
    }
}

/// Whether a composite alarm looks at one of these.
fn looks_at(composite: &Attributes, names: &[String], scope: &Scope) -> bool {
    let here = scope.arn("cloudwatch", "alarm:");
    let rule = composite.get("rule").and_then(|rule| rule.as_str()).and_then(|rule| Rule::parse(rule).ok());
    rule.is_some_and(|rule| rule.alarms().into_iter().any(|name| names.iter().any(|own| own == name.strip_prefix(&here).unwrap_or(name))))
}

/// The alarm in the account; one that is not the stack's is never rung.
async fn owned(account: &AwsAccount, scope: &Scope, address: &Address, wanted: &Query) -> Result<Resource, Failure> {
    let Some(kind) = kind(&address.kind) else { return Err(gone(&address.name).into()) };
    let listed = account.list(kind, wanted).await?.into_iter().map(|listed| listed.resource).find(|resource| resource.address == *address);
    match listed {
        Some(resource) if kind.owns(scope, &resource) => Ok(resource),
        Some(_) => {
            let finding = Finding::error(Code::Conflict, format!("{} is not this stack's, so it is not rung", address.name));
            Err(finding.help("`trailarm plan` shows the conflict; `adopt: true` takes it over").into())
        }
        None => Err(gone(&address.name).into()),
    }
}

fn gone(name: &str) -> Finding {
    Finding::error(Code::Unusable, format!("{name} does not exist in the account")).help("`trailarm apply` makes it")
}
