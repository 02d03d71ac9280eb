//! `trailarm drill`: rings an alarm on purpose, and says who heard it.

use std::collections::BTreeSet;
use std::io::Write;
use std::time::Duration;

use camino::Utf8PathBuf;
use clap::Args;
use clap::builder::{FalseyValueParser, PossibleValuesParser, ValueHint};
use clap_complete::ArgValueCandidates;

use super::Answer;
use super::apply::ask;
use super::args::{Aws, Consent, Format};
use super::completions;
use super::failure::Failure;
use super::interrupt;
use super::output::{self, Output};
use super::session::open_project;
use super::work::now;
use crate::account::Account;
use crate::account::aws::AwsAccount;
use crate::chain::{Action, LiveAlarm, MARK_OF_DRILLS, Plant, Refused, Rehearsal, back_by_hand, drill, quiet, refused};
use crate::detection::{BuiltAlarm, Unit};
use crate::finding::{Code, Finding, suggest};
use crate::kinds::composite_alarm::rule::Rule;
use crate::kinds::{Query, kind};
use crate::planning::{log_groups, scope_of};
use crate::read::query;
use crate::report::json::drill::V1Drill;
use crate::report::{self, Record, json};
use crate::stack::{Project, compile};
use crate::state::{Address, Attributes, Resource, Scope, text};

#[derive(Debug, Args)]
#[command(
    after_help = "Only an alarm of this stack is rung, and only one that is not in ALARM. It is put back into the state it was in, also after \
    Ctrl-C,\nunless CloudWatch has evaluated it meanwhile. With --plant it goes back by itself, when its period has passed.\n\
    Exit code: 0 when all its actions succeeded, 2 when one failed or nothing was heard of it, 1 on an error or when it was stopped."
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
        value_parser = PossibleValuesParser::new(["lambda", "ec2", "autoscaling", "other"]))]
    include_actions: Vec<String>,
    /// How long to wait, in seconds [default: 60, with --plant 900]
    #[arg(long, value_name = "SECONDS", env = "TRAILARM_TIMEOUT", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: Option<u64>,
    #[command(flatten)]
    consent: Consent,
    /// The stack file [default: trailarm.yaml, found upward from here]
    #[arg(long, value_name = "FILE", env = "TRAILARM_CONFIG", value_hint = ValueHint::FilePath)]
    config: Option<Utf8PathBuf>,
    /// Who works on a snapshot account does not mean to ring anything
    #[arg(long, hide = true, env = "TRAILARM_ACCOUNT")]
    account: Option<Utf8PathBuf>,
    #[command(flatten)]
    aws: Aws,
    #[command(flatten)]
    output: Output,
}

pub(super) async fn run(args: &DrillArgs) -> Result<Answer, Failure> {
    args.output.files()?;
    if let Some(file) = &args.account {
        let finding = Finding::error(Code::NotRung, format!("{file} is a snapshot account, and has no alarms that could ring"));
        return Err(finding.help("leave `--account` and TRAILARM_ACCOUNT out, and log in to AWS").into());
    }
    let project = open_project(args.config.as_deref())?;
    let account = args.aws.connect().await?;
    let stage = Stage::set(&account, &project, &args.detection).await?;
    let plant = if args.plant { Some(stage.plant()?) } else { None };
    let also = stage.also(&account, plant.as_ref()).await?;
    stage.may(args, &also)?;
    quiet(&account, &stage.alarm.address.name).await.map_err(|refused| stage.why(refused))?;
    stage.announce(plant.as_ref(), &also)?;
    if !args.consent.auto_approve {
        ask("Ring it?", "nothing was rung")?;
    }
    interrupt::listen_patiently();
    let started = now();
    let rehearsal = Rehearsal {
        alarm: &stage.alarm.address.name,
        actions: &stage.actions,
        mark: format!("{MARK_OF_DRILLS}{}", stage.id),
        plant: plant.as_ref(),
        timeout: Duration::from_secs(args.timeout.unwrap_or(if args.plant { 900 } else { 60 })),
    };
    let told = drill(&account, &rehearsal, &interrupt::is_asked).await.map_err(|refused| stage.why(refused))?;
    let record = Record {
        id: &stage.id,
        detection: &stage.unit.ready.address,
        alarm: &stage.alarm.address.name,
        scope: &stage.scope,
        caller: &account.identity().caller,
        started: &started,
    };
    let document = report::drill(&record, &told);
    args.output.write(|format| {
        Ok(match format {
            Format::Text => output::text(&document)?,
            Format::Markdown => report::markdown(&document),
            Format::Html => report::html("Rehearsal", &document),
            Format::Json => format!("{}\n", json::pretty(&V1Drill::new(&record, &told))?),
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
    query: Query,
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
            let known = compiled.units.iter().flat_map(|unit| [unit.ready.address.as_str(), unit.ready.name.as_str()]);
            let finding = Finding::error(Code::UnknownName, format!("no detection of the stack is called {name}"));
            return Err(finding.help(suggest(name, known)).into());
        };
        let unit = compiled.units.remove(index);
        let Some(address) = unit.alarm.as_ref().map(BuiltAlarm::address) else {
            return Err(Finding::error(Code::NotRung, format!("{name} has no alarm")).help("give it an `alarm:`").into());
        };
        let wanted = Query { only_named: true, named: [address.clone()].into(), ..query(&scope, &compiled, &groups, false) };
        let alarm = owned(account, &scope, &address, &wanted).await?;
        let actions = Action::of_alarm(&alarm.address, &alarm.attributes);
        let id = format!("{:08x}", fastrand::u32(..));
        Ok(Self { scope, query: wanted, unit, alarm, actions, id })
    }

    fn plant(&self) -> Result<Plant, Failure> {
        Plant::of(&self.unit, &self.id, &now()).map_err(|why| {
            let finding = Finding::error(Code::NotRung, format!("{} cannot be rehearsed with an event: {why}", self.unit.ready.address));
            finding.help("leave `--plant` out: the alarm is then rung by itself").into()
        })
    }

    /// Other alarms of the Region that may ring as well, whoever made them: those on the metrics of filters that the event feeds, and
    /// composite ones above.
    async fn also(&self, account: &AwsAccount, plant: Option<&Plant>) -> Result<Vec<LiveAlarm>, Failure> {
        let alarms = account.live_alarms().await?;
        let mut ringing = vec![self.alarm.address.name.clone()];
        if let (Some(plant), Some(kind)) = (plant, kind("metric_filter")) {
            let wanted = Query { log_groups: [plant.log_group.clone()].into(), ..self.query.clone() };
            let filters = account.list(kind, &wanted).await?.into_iter().map(|listed| listed.resource.attributes);
            let metric = |filter: Attributes| (text(&filter, "metric_namespace").to_owned(), text(&filter, "metric_name").to_owned());
            let fed: BTreeSet<(String, String)> = filters.filter(|filter| plant.feeds(filter)).map(metric).collect();
            let looks = |alarm: &&LiveAlarm| alarm.metrics.iter().any(|metric| fed.contains(metric));
            ringing.extend(alarms.iter().filter(looks).map(|alarm| alarm.name.clone()));
        }
        let is_above = |alarm: &&LiveAlarm, ringing: &[String]| !ringing.contains(&alarm.name) && looks_at(alarm, ringing, &self.scope);
        while let Some(above) = alarms.iter().find(|alarm| is_above(alarm, &ringing)) {
            ringing.push(above.name.clone());
        }
        let own = &self.alarm.address.name;
        Ok(alarms.into_iter().filter(|alarm| alarm.name != *own && ringing.contains(&alarm.name)).collect())
    }

    /// Nothing that changes something runs unasked.
    fn may(&self, args: &DrillArgs, also: &[LiveAlarm]) -> Result<(), Failure> {
        let name = &self.alarm.address.name;
        if self.alarm.attributes.get("actions_enabled") == Some(&false.into()) {
            let finding = Finding::error(Code::NotRung, format!("the actions of {name} are switched off, so nobody would hear it"));
            return Err(finding.help("switch them on with `trailarm apply`; `trailarm doctor` looks at the rest").into());
        }
        if self.actions.is_empty() {
            let finding = Finding::error(Code::NotRung, format!("{name} does nothing on ALARM, so nobody would hear it"));
            return Err(finding.help("name a topic: `notify: [security]`").into());
        }
        let all = self.actions.iter().chain(also.iter().flat_map(|other| &other.actions));
        let refused = refused(all, &args.include_actions);
        let Some(first) = refused.first() else { return Ok(()) };
        let mut words: Vec<&str> = refused.iter().filter_map(|action| action.act.changing()).collect();
        words.sort_unstable();
        words.dedup();
        let finding = Finding::error(Code::NotRung, format!("a rehearsal would run what changes something: {}", first.words()));
        Err(finding.help(format!("nothing was rung; if it may run, say `--include-actions {}`", words.join(","))).into())
    }

    /// Why it was not rung.
    fn why(&self, refused: Refused) -> Failure {
        let name = &self.alarm.address.name;
        match refused {
            Refused::Ringing(now) if now.reason.starts_with(MARK_OF_DRILLS) => {
                let message = format!("{name} is in ALARM by an earlier rehearsal that was ended in its middle");
                let finding = Finding::error(Code::NotRung, message);
                finding.help(format!("put it back, and rehearse again: {}", back_by_hand(name, "OK"))).into()
            }
            Refused::Ringing(now) => {
                let finding = Finding::error(Code::NotRung, format!("{name} is in ALARM now: {}", now.reason));
                finding.help("this is no rehearsal: see what happened, and rehearse when it is over").into()
            }
            Refused::Gone => gone(name).into(),
            Refused::Account(error) => error.into(),
        }
    }

    fn announce(&self, plant: Option<&Plant>, also: &[LiveAlarm]) -> Result<(), Failure> {
        let mut err = anstream::stderr();
        let words = |actions: &[Action]| actions.iter().map(Action::words).collect::<Vec<_>>().join(", ");
        let name = report::escape(&self.alarm.address.name);
        writeln!(err, "Rehearsal {} in account {}, {}", self.id, self.scope.account_id, self.scope.region)?;
        match plant {
            Some(plant) => {
                let group = report::escape(&plant.log_group);
                let events = if plant.events.len() == 1 {
                    "a marked event goes".to_owned()
                } else {
                    format!("{} marked events go", plant.events.len())
                };
                writeln!(err, "  {events} into the log group {group} to stay there")?;
            }
            None => writeln!(err, "  {name} is put into ALARM, and back, which is a change of state as well (`notify_ok`)")?,
        }
        writeln!(err, "  {name} acts: {}", report::escape(&words(&self.actions)))?;
        for LiveAlarm { name, actions, .. } in also {
            let acts = if actions.is_empty() { "it does nothing".to_owned() } else { words(actions) };
            writeln!(err, "  {} may ring too: {}", report::escape(name), report::escape(&acts))?;
        }
        Ok(())
    }
}

/// Whether a composite alarm looks at one of these; a rule that cannot be read may look at any.
fn looks_at(alarm: &LiveAlarm, names: &[String], scope: &Scope) -> bool {
    let Some(rule) = &alarm.rule else { return false };
    let Ok(rule) = Rule::parse(rule) else { return true };
    rule.alarms_in(scope).into_iter().any(|name| names.iter().any(|own| own == name))
}

/// The alarm in the account; one that is not the stack's is never rung.
async fn owned(account: &AwsAccount, scope: &Scope, address: &Address, wanted: &Query) -> Result<Resource, Failure> {
    let Some(kind) = kind(&address.kind) else { return Err(gone(&address.name).into()) };
    let listed = account.list(kind, wanted).await?.into_iter().map(|listed| listed.resource).find(|resource| resource.address == *address);
    match listed {
        Some(resource) if kind.owns(scope, &resource) => Ok(resource),
        Some(_) => {
            let finding = Finding::error(Code::NotRung, format!("{} is not this stack's, so it is not rung", address.name));
            Err(finding.help("`trailarm plan` shows the conflict; `adopt: true` takes it over").into())
        }
        None => Err(gone(&address.name).into()),
    }
}

fn gone(name: &str) -> Finding {
    Finding::error(Code::NotRung, format!("{name} does not exist in the account")).help("`trailarm apply` makes it")
}
