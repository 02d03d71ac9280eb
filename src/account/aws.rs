//! The real account, over the AWS SDK.

use std::future::Future;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sns::config::retry::RetryPartition;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use futures_util::future::try_join_all;

use super::error::{AccountError, Reason};
use super::history::{history, lookup};
use super::log_events::log_events;
use super::{Account, Delivery, History, Identity, LogEvent, Lookup, Trail};
use crate::arn::Arn;
use crate::audit::{self, AlarmSeen, Evidence, Selectors};
use crate::chain;
use crate::kinds::{Kind, Listed, Put, Query};
use crate::permissions::{self, Lack, Policy};
use crate::quota::Quota;
use crate::state::{Resource, Scope};

/// What the user said about how to reach AWS; the environment says the rest.
#[derive(Debug, Clone, Default)]
pub struct Connection {
    pub profile: Option<String>,
    pub region: Option<String>,
    pub endpoint_url: Option<String>,
}

/// One client a service, for one account and Region.
pub struct Clients {
    pub cloudwatch: aws_sdk_cloudwatch::Client,
    pub logs: aws_sdk_cloudwatchlogs::Client,
    pub sns: aws_sdk_sns::Client,
    pub lambda: aws_sdk_lambda::Client,
    pub kms: aws_sdk_kms::Client,
    pub iam: aws_sdk_iam::Client,
    pub cloudcontrol: aws_sdk_cloudcontrol::Client,
    pub cloudtrail: aws_sdk_cloudtrail::Client,
    quota: Quota,
}

impl Clients {
    /// Makes one call when the quota allows it.
    ///
    /// # Errors
    /// What the SDK came back with after its retries, told with the call and its subject.
    pub async fn call<T, E, R>(
        &self,
        name: &str,
        subject: &str,
        call: impl Future<Output = Result<T, SdkError<E, R>>>,
    ) -> Result<T, AccountError>
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: std::fmt::Debug + 'static,
    {
        self.quota.acquire(name).await;
        call.await.map_err(|e| AccountError::from_sdk(name, subject, &e))
    }

    /// Waits before another try: exponential, with full jitter.
    pub async fn back_off(&self, attempt: u32) {
        tokio::time::sleep(Duration::from_millis(fastrand::u64(0..200 << attempt.min(5)))).await;
    }
}

/// The account that the credentials belong to.
pub struct AwsAccount {
    clients: Clients,
    identity: Identity,
}

impl AwsAccount {
    /// Finds credentials and Region, and asks STS whose they are.
    ///
    /// # Errors
    /// There is no Region, there are no credentials, or AWS does not take them.
    pub async fn connect(connection: &Connection) -> Result<Self, AccountError> {
        let config = config(connection).await;
        let Some(region) = config.region().map(ToString::to_string) else {
            return Err(AccountError::new(
                "sts:GetCallerIdentity",
                "the account",
                Reason::NoRegion,
                "neither flag, environment nor profile names one",
            ));
        };
        let call = "sts:GetCallerIdentity";
        let caller = aws_sdk_sts::Client::new(&config).get_caller_identity().send().await;
        let caller = caller.map_err(|e| AccountError::from_sdk(call, "the account", &e))?;
        let arn = caller.arn().and_then(|a| a.parse::<Arn>().ok());
        let identity = Identity {
            partition: arn.map_or_else(|| "aws".to_owned(), |a| a.partition),
            account_id: caller.account().unwrap_or_default().to_owned(),
            region,
            caller: caller.arn().unwrap_or_default().to_owned(),
        };
        Ok(Self { clients: clients(&config, &identity.account_id), identity })
    }

    /// The records of the event history of a stretch of time, a page at a time and the newest first, with the time of the oldest
    /// (`None`: that was all), until `each` has enough.
    ///
    /// # Errors
    /// A call fails.
    pub async fn lookup(
        &self,
        what: &Lookup,
        span: (i64, i64),
        each: &mut dyn FnMut(Vec<String>, Option<i64>) -> bool,
    ) -> Result<(), AccountError> {
        lookup(&self.clients, what, span, each).await
    }

    /// The events of a log group that AWS says a pattern matches, a page at a time.
    ///
    /// # Errors
    /// A call fails; AWS refuses the pattern.
    pub async fn log_events(
        &self,
        log_group: &str,
        pattern: &str,
        span: (i64, i64),
        each: &mut dyn FnMut(Vec<LogEvent>) -> bool,
    ) -> Result<(), AccountError> {
        log_events(&self.clients, log_group, pattern, span, each).await
    }

    /// Whether Cloud Control finds a resource of a type by its primary identifier.
    ///
    /// # Errors
    /// The call failed.
    pub async fn exists(&self, kind: &str, id: &str) -> Result<bool, AccountError> {
        chain::aws::resource(&self.clients, kind, id).await
    }

    /// What of a policy the caller would be refused.
    ///
    /// # Errors
    /// The caller cannot be simulated, or may not simulate.
    pub async fn lacking(&self, policy: &Policy) -> Result<Vec<Lack>, AccountError> {
        permissions::lacking(&self.clients, &self.identity.caller, policy).await
    }

    /// The alarm as it stands now, of either kind.
    ///
    /// # Errors
    /// The call failed.
    pub async fn alarm_now(&self, name: &str) -> Result<Option<chain::AlarmNow>, AccountError> {
        chain::aws::alarm_now(&self.clients, name).await
    }

    /// All alarms of the Region, whoever made them.
    ///
    /// # Errors
    /// A call failed.
    pub async fn live_alarms(&self) -> Result<Vec<chain::LiveAlarm>, AccountError> {
        chain::aws::live_alarms(&self.clients).await
    }

    /// Puts an alarm into a state until it is evaluated next.
    ///
    /// # Errors
    /// The call failed.
    pub async fn set_alarm_state(&self, name: &str, state: &str, reason: &str) -> Result<(), AccountError> {
        chain::aws::set_state(&self.clients, name, state, reason).await
    }

    /// What an alarm did since a time, in seconds since 1970; the newest first.
    ///
    /// # Errors
    /// The call failed.
    pub async fn alarm_runs(&self, name: &str, since: i64) -> Result<Vec<chain::ActionRun>, AccountError> {
        Ok(chain::aws::runs(&self.clients, Some(name), since, 1).await?.runs)
    }

    /// Writes events into a new log stream.
    ///
    /// # Errors
    /// A call failed, or the events were rejected.
    pub async fn write_events(&self, log_group: &str, stream: &str, messages: &[String]) -> Result<(), AccountError> {
        chain::aws::write_events(&self.clients, log_group, stream, messages).await
    }

    /// What the datapoints of a metric sum up to since a time, in seconds since 1970.
    ///
    /// # Errors
    /// The call failed.
    pub async fn metric_sum(&self, metric: (&str, &str), since: i64) -> Result<f64, AccountError> {
        chain::aws::metric_sum(&self.clients, metric, since).await
    }

    /// Which of the messages AWS says the pattern matches, in their order.
    ///
    /// # Errors
    /// The call failed; AWS refuses the pattern.
    pub async fn test_metric_filter(&self, pattern: &str, messages: &[&str]) -> Result<Vec<bool>, AccountError> {
        crate::kinds::metric_filter::test(&self.clients, pattern, messages).await
    }
}

/// Standard retries, and a time limit on everything: the SDK's own defaults leave operations unbounded.
async fn config(connection: &Connection) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .operation_attempt_timeout(Duration::from_secs(20))
        .operation_timeout(Duration::from_secs(120))
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(8).with_max_backoff(Duration::from_secs(5)));
    if let Some(profile) = &connection.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = &connection.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(url) = &connection.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    loader.load().await
}

/// Clients with a retry bucket of their own: the SDK's default one is shared by all accounts.
fn clients(config: &SdkConfig, account_id: &str) -> Clients {
    let partition = RetryPartition::new(format!("trailarm-{account_id}"));
    macro_rules! client {
        ($sdk:ident) => {
            $sdk::Client::from_conf($sdk::config::Builder::from(config).retry_partition(partition.clone()).build())
        };
    }
    Clients {
        cloudwatch: client!(aws_sdk_cloudwatch),
        logs: client!(aws_sdk_cloudwatchlogs),
        sns: client!(aws_sdk_sns),
        lambda: client!(aws_sdk_lambda),
        kms: client!(aws_sdk_kms),
        iam: client!(aws_sdk_iam),
        cloudcontrol: client!(aws_sdk_cloudcontrol),
        cloudtrail: client!(aws_sdk_cloudtrail),
        quota: Quota::default(),
    }
}

impl Account for AwsAccount {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    async fn trails(&self) -> Result<Vec<Trail>, AccountError> {
        let aws = &self.clients;
        let request = aws.cloudtrail.describe_trails().include_shadow_trails(true);
        let trails = aws.call("cloudtrail:DescribeTrails", "trails", request.send()).await?.trail_list.unwrap_or_default();
        try_join_all(trails.into_iter().map(|t| trail(aws, t))).await
    }

    async fn selectors(&self, trail: &Trail) -> Result<Option<Selectors>, AccountError> {
        audit::selectors(&self.clients, &trail.arn).await
    }

    async fn evidence(&self) -> Result<Evidence, AccountError> {
        let Identity { account_id, region, .. } = self.identity.clone();
        Evidence::of_aws(&self.clients, (account_id, region), self.trails().await?).await
    }

    async fn chain(&self, wanted: &chain::Wanted) -> Result<chain::Evidence, AccountError> {
        chain::Evidence::of_aws(&self.clients, wanted).await
    }

    async fn alarms(&self) -> Result<Vec<AlarmSeen>, AccountError> {
        audit::alarms(&self.clients).await
    }

    async fn history(&self, event: &str, found: &mut dyn FnMut(&serde_json::Value) -> bool) -> Result<History, AccountError> {
        history(&self.clients, event, found).await
    }

    async fn list(&self, kind: &dyn Kind, query: &Query) -> Result<Vec<Listed>, AccountError> {
        kind.list(&self.clients, query).await
    }

    async fn put(&self, kind: &dyn Kind, scope: &Scope, put: Put<'_>) -> Result<(), AccountError> {
        kind.put(&self.clients, scope, put).await
    }

    async fn delete(&self, kind: &dyn Kind, scope: &Scope, resource: &Resource) -> Result<(), AccountError> {
        kind.delete(&self.clients, scope, resource).await
    }
}

/// A trail with its status. The status of an organization's trail may be closed to a member account.
async fn trail(aws: &Clients, trail: aws_sdk_cloudtrail::types::Trail) -> Result<Trail, AccountError> {
    let arn = trail.trail_arn.unwrap_or_default();
    let request = aws.cloudtrail.get_trail_status().name(&arn);
    let status = match aws.call("cloudtrail:GetTrailStatus", &arn, request.send()).await {
        Ok(status) => Some(status),
        Err(error) if [Reason::Denied, Reason::NotFound].contains(&error.reason) => None,
        Err(error) => return Err(error),
    };
    Ok(Trail {
        name: trail.name.unwrap_or_default(),
        arn,
        multi_region: trail.is_multi_region_trail.unwrap_or(false),
        organization: trail.is_organization_trail.unwrap_or(false),
        logging: status.as_ref().and_then(|status| status.is_logging),
        delivery: status.map(|status| Delivery {
            last: status.latest_cloud_watch_logs_delivery_time.map(|time| time.secs()),
            error: status.latest_cloud_watch_logs_delivery_error.filter(|error| !error.is_empty()),
        }),
        log_group_arn: trail.cloud_watch_logs_log_group_arn.filter(|a| !a.is_empty()),
        selectors: None,
    })
}
