//! The command line: one file a subcommand. Load, call, report; no decisions.

mod alarm;
mod apply;
mod args;
mod audit;
mod backtest;
mod comment;
mod completions;
mod coverage;
mod definitions;
mod destroy;
mod doctor;
mod drift;
mod drill;
mod environment;
mod events;
mod explain;
mod failure;
mod github;
mod init;
mod interrupt;
mod library;
mod lines;
mod list;
mod live;
mod matches;
mod new;
mod output;
mod pager;
mod pattern;
mod patterns;
mod plan;
mod policies;
mod recorded;
mod review;
mod revision;
mod schema;
mod session;
mod show;
mod snapshot;
mod test;
mod validate;
mod work;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use self::failure::Failure;

/// Detections on CloudTrail as code.
///
/// Reads detections in YAML (metric filters, alarms, topics), proves offline that they match what
/// they should, compares them with the account, shows the plan, and applies it. Reading never writes.
#[derive(Debug, Parser)]
#[command(name = "trailarm", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,

    #[command(flatten)]
    look: args::Look,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a stack: packs, a topic, a workflow for CI
    Init(init::InitArgs),
    /// Write a detection with its tests
    New(new::NewArgs),
    /// Show what apply would do
    #[command(visible_alias = "diff")]
    Plan(plan::PlanArgs),
    /// Make the account as the definitions say
    Apply(apply::ApplyArgs),
    /// Write saved plans as a comment on the pull request, and keep it up to date
    Comment(comment::CommentArgs),
    /// Tell what somebody changed in the account, and with --blame who
    Drift(drift::DriftArgs),
    /// Follow each alarm from the trail to who is told, and name the link that is broken
    Doctor(doctor::DoctorArgs),
    /// Ring an alarm on purpose, wait for all that it does, and put it back
    Drill(drill::DrillArgs),
    /// Remove all that the stack owns, and nothing else
    Destroy(destroy::DestroyArgs),
    /// Check definitions, their tests and what lints say of them; needs no account
    Validate(validate::ValidateArgs),
    /// Print what the code of a finding means
    Explain(explain::ExplainArgs),
    /// Run the tests inside detections; needs no account
    Test(test::TestArgs),
    /// Print the events that a pattern or a detection matches; needs no account
    Match(matches::MatchArgs),
    /// Say what detections would have done over recorded events: matches, alarms, who was told
    Backtest(Box<backtest::BacktestArgs>),
    /// List the detections of the stack, or the shipped ones
    List(list::ListArgs),
    /// Show what a detection comes to, and what to do when it fires
    Show(show::ShowArgs),
    /// Print which techniques and controls the detections serve, gaps first
    Coverage(coverage::CoverageArgs),
    /// Say what auditors will say: Security Hub, Prowler, CIS, Steampipe
    Audit(audit::AuditArgs),
    /// List the APIs and functions that were built or opened lately, the most suspicious first
    Review(Box<review::ReviewArgs>),
    /// Print the least-privilege IAM policy for this stack
    IamPolicy(policies::IamPolicyArgs),
    /// Print a service control policy that keeps all but trusted actors from building APIs and functions, and from the alarms
    Scp(policies::ScpArgs),
    /// Search event sources and names as CloudTrail writes them
    Events(events::EventsArgs),
    /// The pattern engine by itself
    Pattern(pattern::PatternArgs),
    /// The simulation of alarms by itself
    Alarm(alarm::AlarmArgs),
    /// Write what a plan looks at into a file, for plans without credentials
    Snapshot(snapshot::SnapshotArgs),
    /// Print the JSON Schema of detections and stacks
    Schema(schema::SchemaArgs),
    /// Print a completion script for a shell
    Completions(completions::CompletionsArgs),
    /// Print the man page
    Man,
}

/// What a command has to say besides its output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// Done, or nothing to do.
    Yes,
    /// It could do its work, and the answer is "there is a difference".
    Difference,
}

/// Runs the program.
pub fn main() -> ExitCode {
    completions::answer(Cli::command);
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Nothing can be done if even this cannot be printed.
            let _ = error.print();
            return ExitCode::from(u8::from(error.use_stderr()));
        }
    };
    cli.look.set_up();
    match run(cli.command) {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::Difference) => ExitCode::from(2),
        Err(failure) if failure.is_broken_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            failure.report();
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<Answer, Failure> {
    match command {
        Command::Plan(args) => session::block_on(plan::run(&args)),
        Command::Apply(args) => session::block_on(apply::run(&args)),
        Command::Drift(args) => session::block_on(drift::run(&args)),
        Command::Doctor(args) => session::block_on(doctor::run(&args)),
        Command::Drill(args) => session::block_on(drill::run(&args)),
        Command::Destroy(args) => session::block_on(destroy::run(&args)),
        Command::Snapshot(args) => session::block_on(snapshot::run(&args)),
        Command::Comment(args) => comment::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Match(args) => matches::run(&args),
        Command::Backtest(args) => backtest::run(&args),
        Command::Review(args) => review::run(&args),
        Command::IamPolicy(args) => policies::iam(&args),
        Command::Scp(args) => policies::scp(&args),
        Command::Init(args) => init::run(&args),
        Command::New(args) => new::run(&args),
        Command::List(args) => list::run(&args),
        Command::Show(args) => show::run(&args),
        Command::Coverage(args) => coverage::run(&args),
        Command::Events(args) => events::run(&args),
        Command::Audit(args) => audit::run(&args),
        Command::Pattern(args) => pattern::run(&args),
        Command::Alarm(args) => alarm::run(&args),
        Command::Validate(args) => validate::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man => completions::man(Cli::command()),
    }
}
