//! `trailarm.yaml`: which packs, which log group, which topics, what is different here.

mod compile;
mod load;
mod log_group;
mod past;
mod section;
mod shipped;

pub use compile::{Compiled, check, compile, detections_alone};
pub(crate) use load::FILE_NAME;
pub use load::{Project, find};
pub use log_group::{LogGroups, resolve};
pub use section::{AlarmDefaults, LimitsSection, LogGroupSection, Percent, StackSection};
pub use shipped::as_shipped;
