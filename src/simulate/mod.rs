//! What alarms do, offline: states from datapoints (metric alarms) and from states (composites).
//! Pure: time is the position in a list (spec, section 4).

mod composite;
mod course;
mod math;
mod metric;
mod reason;
mod statistic;
mod strip;
mod suppressor;
mod window;

pub use composite::{Answer, composite};
pub use course::{Clocked, Course, Point, Transition, composite_course, course, suppressed};
pub use math::{Expression, Open};
pub use metric::{Comparison, Evaluation, MissingData, Outcome, Timeline, timeline};
pub use statistic::{Datapoint, Datums, Statistic};
pub use strip::{Strip, StripError, Tally};
pub use suppressor::{Suppression, actions};
pub use window::Window;

/// The state of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    Ok,
    Alarm,
    InsufficientData,
}

impl State {
    /// As CloudWatch writes it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }

    /// Reads what CloudWatch writes.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Ok, Self::Alarm, Self::InsufficientData].into_iter().find(|state| state.text() == text)
    }
}
