//! AWS's rate quotas, known and kept: one token bucket per API (an instance is for one account and Region).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

/// Calls a second (spec, section 7). What is not listed here has quotas far above what we do.
const RATES: &[(&str, f64)] = &[
    ("cloudformation:GetResource", 10.0),
    ("cloudtrail:DescribeTrails", 10.0),
    ("cloudtrail:GetTrailStatus", 10.0),
    ("cloudtrail:LookupEvents", 2.0),
    ("cloudwatch:DeleteAlarms", 3.0),
    ("cloudwatch:DescribeAlarmHistory", 3.0),
    ("cloudwatch:DescribeAlarms", 9.0),
    ("cloudwatch:GetMetricData", 10.0),
    ("cloudwatch:ListMetrics", 25.0),
    ("cloudwatch:ListTagsForResource", 10.0),
    ("cloudwatch:PutCompositeAlarm", 3.0),
    ("cloudwatch:PutMetricAlarm", 3.0),
    ("cloudwatch:SetAlarmState", 3.0),
    ("cloudwatch:TagResource", 10.0),
    ("cloudwatch:UntagResource", 10.0),
    ("iam:GetRole", 10.0),
    ("iam:SimulatePrincipalPolicy", 5.0),
    ("kms:DescribeKey", 10.0),
    ("kms:GetKeyPolicy", 10.0),
    ("lambda:AddPermission", 10.0),
    ("lambda:GetFunctionConfiguration", 10.0),
    ("lambda:GetPolicy", 10.0),
    ("lambda:RemovePermission", 10.0),
    ("logs:DeleteMetricFilter", 5.0),
    ("logs:DescribeLogGroups", 10.0),
    ("logs:DescribeMetricFilters", 5.0),
    // In us-east-1 it is 25, in most Regions 10, in six of them 5.
    ("logs:FilterLogEvents", 5.0),
    ("logs:PutMetricFilter", 5.0),
    ("logs:TestMetricFilter", 5.0),
    ("sns:CreateTopic", 30.0),
    ("sns:DeleteTopic", 30.0),
    ("sns:GetSubscriptionAttributes", 30.0),
    ("sns:GetTopicAttributes", 30.0),
    ("sns:ListSubscriptionsByTopic", 30.0),
    ("sns:ListTagsForResource", 10.0),
    ("sns:ListTopics", 30.0),
    ("sns:SetSubscriptionAttributes", 30.0),
    ("sns:SetTopicAttributes", 30.0),
    ("sns:Subscribe", 100.0),
    ("sns:TagResource", 10.0),
    ("sns:Unsubscribe", 100.0),
    ("sns:UntagResource", 10.0),
];

/// A bucket holds this many seconds' worth of calls, so that a plan of a few pages does not wait.
const BURST_SECONDS: f64 = 3.0;

/// Whose quota is kept to the second, so nothing is saved up.
const UNFORGIVING: &[&str] = &["cloudtrail:LookupEvents"];

/// Token buckets by API.
#[derive(Debug, Default)]
pub struct Quota {
    buckets: RefCell<BTreeMap<&'static str, Bucket>>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Quota {
    /// Waits until the API may be called once more.
    pub async fn acquire(&self, api: &str) {
        let wait = self.reserve(api, Instant::now());
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }

    /// Takes a token, on credit if there is none, and says how long the credit takes to pay back.
    fn reserve(&self, api: &str, now: Instant) -> Duration {
        let Some((api, rate)) = RATES.iter().find(|(name, _)| *name == api) else { return Duration::ZERO };
        let burst = if UNFORGIVING.contains(api) { 1.0 } else { rate * BURST_SECONDS };
        let mut buckets = self.buckets.borrow_mut();
        let bucket = buckets.entry(api).or_insert(Bucket { tokens: burst, at: now });
        bucket.tokens = (bucket.tokens + now.duration_since(bucket.at).as_secs_f64() * rate).min(burst) - 1.0;
        bucket.at = now;
        Duration::from_secs_f64((-bucket.tokens / rate).max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_the_burst_calls_come_at_the_rate() {
        let quota = Quota::default();
        let start = Instant::now();
        let waits: Vec<u128> = (0..12).map(|_| quota.reserve("cloudwatch:PutMetricAlarm", start).as_millis()).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 0, 0, 0, 0, 333, 666, 1000]);
        let later = start + Duration::from_secs(4);
        assert_eq!(quota.reserve("cloudwatch:PutMetricAlarm", later).as_millis(), 0);
        let waits: Vec<u128> = (0..3).map(|_| quota.reserve("cloudtrail:LookupEvents", start).as_millis()).collect();
        assert_eq!(waits, [0, 500, 1000]);
        assert_eq!(quota.reserve("sts:GetCallerIdentity", start).as_millis(), 0);
    }
}
