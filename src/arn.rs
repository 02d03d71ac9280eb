//! Amazon Resource Names: `arn:partition:service:region:account:resource`.

use std::str::FromStr;

/// Whether a text is the id of an account: twelve digits.
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The parts of an ARN; `resource` is all that follows the fifth colon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arn {
    pub partition: String,
    pub service: String,
    pub region: String,
    pub account_id: String,
    pub resource: String,
}

impl Arn {
    /// The name of the log group, of a log group's ARN (with or without `:*` behind it).
    pub fn log_group(&self) -> &str {
        self.resource.trim_start_matches("log-group:").trim_end_matches(":*")
    }
}

impl FromStr for Arn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        match parts.as_slice() {
            ["arn", partition, service, region, account, resource]
                if partition.starts_with("aws") && !service.is_empty() && !resource.is_empty() && !text.contains(char::is_whitespace) =>
            {
                Ok(Self {
                    partition: (*partition).to_owned(),
                    service: (*service).to_owned(),
                    region: (*region).to_owned(),
                    account_id: (*account).to_owned(),
                    resource: (*resource).to_owned(),
                })
            }
            _ => Err(format!("`{text}` is not an ARN\nhelp: an ARN reads `arn:aws:service:region:account:resource`")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_are_told_from_other_text() {
        let arn: Arn = "arn:aws-cn:sns:cn-north-1:111122223333:a:b".parse().unwrap();
        assert_eq!((arn.partition.as_str(), arn.service.as_str(), arn.resource.as_str()), ("aws-cn", "sns", "a:b"));
        for wrong in [
            "",
            "arn",
            "arn:aws:sns:us-east-1:111122223333",
            "arn:aws:sns:us-east-1:111122223333:",
            "x:aws:sns:r:a:t",
            "arn:aws:sns:r:a:t t",
        ] {
            assert!(wrong.parse::<Arn>().is_err(), "{wrong}");
        }
    }
}
