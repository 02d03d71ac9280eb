//! The 15 controls, and what each auditor asks of the text of their metric filters.
//!
//! Security Hub: user guide, controls CloudWatch.1 to .14. CIS: AWS Foundations Benchmark, sections 3 (1.2), 4 (1.3 to 5.0) and
//! 5 (6.0 and later). Prowler 5.46 and Steampipe (mod AWS compliance, December 2025): their checks.

/// A control of the monitoring section of the CIS AWS Foundations Benchmark.
#[derive(Debug)]
pub struct Control {
    /// Its place in the section: 1 is 4.1 in CIS 5.0 and 5.1 in CIS 7.0.
    pub number: u8,
    pub title: &'static str,
    /// The shipped detection that is made for it.
    pub detection: &'static str,
    pub security_hub: Option<SecurityHub>,
    pub prowler: Prowler,
    pub steampipe: Steampipe,
    /// The first version of the benchmark → the texts from then on, one of which suffices.
    pub cis: &'static [(&'static str, &'static [&'static str])],
}

/// A control of Security Hub; its text is compared byte by byte.
#[derive(Debug)]
pub struct SecurityHub {
    pub id: &'static str,
    pub text: &'static str,
}

/// What Prowler looks for in the text.
#[derive(Debug)]
pub enum Prowler {
    Expression(&'static str),
    /// Each of them somewhere, quoted or not.
    Clauses {
        source: Option<&'static str>,
        events: &'static [&'static str],
        extra: Option<(&'static str, &'static str, &'static str)>,
    },
}

/// What Steampipe looks for in the text.
#[derive(Debug)]
pub enum Steampipe {
    Expression(&'static str),
    /// One behind the other; without quotes, unless these may be there.
    InOrder {
        source: Option<&'static str>,
        events: &'static [&'static str],
        quotes: bool,
    },
}

impl Control {
    /// Its number in a version of the benchmark: `5.1`.
    pub fn cis_number(&self, version: &str) -> String {
        let section = match version {
            "1.2" => 3,
            "6.0" | "7.0" => 5,
            _ => 4,
        };
        format!("{section}.{}", self.number)
    }

    /// Why no filter should have the text of a version.
    pub fn cis_trap(&self, version: &str) -> Option<&'static str> {
        let is_it = self.number == 1 && version < "4.0";
        is_it.then_some("the text that this version prescribes matches every event (its `!=` are joined by `||`); no pack ships it")
    }

    /// The texts that a version of the benchmark prescribes.
    pub fn cis_texts(&self, version: &str) -> &'static [&'static str] {
        self.cis.iter().rev().find(|(since, _)| *since <= version).map_or(&[], |(_, texts)| texts)
    }
}

/// All of them.
#[rustfmt::skip]
pub const CONTROLS: &[Control] = &[
    Control {
        number: 1,
        title: "Unauthorized API calls",
        detection: "cis/unauthorized-api-calls",
        security_hub: Some(SecurityHub { id: "CloudWatch.2", text: r#"{($.errorCode="*UnauthorizedOperation") || ($.errorCode="AccessDenied*")}"# }),
        prowler: Prowler::Expression(r"\$\.errorCode\s*=\s*.?\*UnauthorizedOperation.+\$\.errorCode\s*=\s*.?AccessDenied\*.?"),
        steampipe: Steampipe::Expression(r#"\$\.errorCode\s*=\s*"\*UnauthorizedOperation".+\$\.errorCode\s*=\s*"AccessDenied\*".+\$\.sourceIPAddress\s*!=\s*"delivery.logs.amazonaws.com".+\$\.eventName\s*!=\s*"HeadBucket""#),
        cis: &[("1.4", &[r#"{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") || ($.sourceIPAddress!="delivery.logs.amazonaws.com") || ($.eventName!="HeadBucket") }"#]), ("4.0", &[r#"{ ($.errorCode ="*UnauthorizedOperation") || ($.errorCode ="AccessDenied*") && ($.sourceIPAddress!="delivery.logs.amazonaws.com") && ($.eventName!="HeadBucket") }"#])],
    },
    Control {
        number: 2,
        title: "Console sign-in without MFA",
        detection: "cis/console-sign-in-without-mfa",
        security_hub: Some(SecurityHub { id: "CloudWatch.3", text: r#"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }"# }),
        prowler: Prowler::Clauses { source: None, events: &["ConsoleLogin"], extra: Some(("additionalEventData.MFAUsed", "!=", "Yes")) },
        steampipe: Steampipe::Expression(r#"\(\s*\$\.eventName\s*=\s*"ConsoleLogin"\)\s+&&\s+\(\s*\$.additionalEventData\.MFAUsed\s*!=\s*"Yes""#),
        cis: &[("1.4", &[r#"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") }"#, r#"{ ($.eventName = "ConsoleLogin") && ($.additionalEventData.MFAUsed != "Yes") && ($.userIdentity.type = "IAMUser") && ($.responseElements.ConsoleLogin = "Success") }"#])],
    },
    Control {
        number: 3,
        title: "Usage of the root user",
        detection: "cis/root-usage",
        security_hub: Some(SecurityHub { id: "CloudWatch.1", text: r#"{$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType !="AwsServiceEvent"}"# }),
        prowler: Prowler::Expression(
            r"\$\.userIdentity\.type\s*=\s*.?Root.+\$\.userIdentity\.invokedBy NOT EXISTS.+\$\.eventType\s*!=\s*.?AwsServiceEvent.?",
        ),
        steampipe: Steampipe::Expression(r#"\$\.userIdentity\.type\s*=\s*"Root".+\$\.userIdentity\.invokedBy NOT EXISTS.+\$\.eventType\s*!=\s*"AwsServiceEvent""#),
        cis: &[("1.4", &[r#"{$.userIdentity.type="Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType !="AwsServiceEvent"}"#])],
    },
    Control {
        number: 4,
        title: "IAM policy changes",
        detection: "cis/iam-policy-changed",
        security_hub: Some(SecurityHub { id: "CloudWatch.4", text: r#"{($.eventName=DeleteGroupPolicy) || ($.eventName=DeleteRolePolicy) || ($.eventName=DeleteUserPolicy) || ($.eventName=PutGroupPolicy) || ($.eventName=PutRolePolicy) || ($.eventName=PutUserPolicy) || ($.eventName=CreatePolicy) || ($.eventName=DeletePolicy) || ($.eventName=CreatePolicyVersion) || ($.eventName=DeletePolicyVersion) || ($.eventName=AttachRolePolicy) || ($.eventName=DetachRolePolicy) || ($.eventName=AttachUserPolicy) || ($.eventName=DetachUserPolicy) || ($.eventName=AttachGroupPolicy) || ($.eventName=DetachGroupPolicy)}"# }),
        prowler: Prowler::Clauses { source: None, events: &["DeleteGroupPolicy", "DeleteRolePolicy", "DeleteUserPolicy", "PutGroupPolicy", "PutRolePolicy", "PutUserPolicy", "CreatePolicy", "DeletePolicy", "CreatePolicyVersion", "DeletePolicyVersion", "AttachRolePolicy", "DetachRolePolicy", "AttachUserPolicy", "DetachUserPolicy", "AttachGroupPolicy", "DetachGroupPolicy"], extra: None },
        steampipe: Steampipe::InOrder { source: None, events: &["DeleteGroupPolicy", "DeleteRolePolicy", "DeleteUserPolicy", "PutGroupPolicy", "PutRolePolicy", "PutUserPolicy", "CreatePolicy", "DeletePolicy", "CreatePolicyVersion", "DeletePolicyVersion", "AttachRolePolicy", "DetachRolePolicy", "AttachUserPolicy", "DetachUserPolicy", "AttachGroupPolicy", "DetachGroupPolicy"], quotes: false },
        cis: &[("1.4", &[r#"{($.eventName=DeleteGroupPolicy) || ($.eventName=DeleteRolePolicy) || ($.eventName=DeleteUserPolicy) || ($.eventName=PutGroupPolicy) || ($.eventName=PutRolePolicy) || ($.eventName=PutUserPolicy) || ($.eventName=CreatePolicy) || ($.eventName=DeletePolicy) || ($.eventName=CreatePolicyVersion) || ($.eventName=DeletePolicyVersion) || ($.eventName=AttachRolePolicy) || ($.eventName=DetachRolePolicy) || ($.eventName=AttachUserPolicy) || ($.eventName=DetachUserPolicy) || ($.eventName=AttachGroupPolicy) || ($.eventName=DetachGroupPolicy)}"#])],
    },
    Control {
        number: 5,
        title: "CloudTrail configuration changes",
        detection: "cis/cloudtrail-configuration-changed",
        security_hub: Some(SecurityHub { id: "CloudWatch.5", text: r#"{($.eventName=CreateTrail) || ($.eventName=UpdateTrail) || ($.eventName=DeleteTrail) || ($.eventName=StartLogging) || ($.eventName=StopLogging)}"# }),
        prowler: Prowler::Clauses { source: None, events: &["CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"], extra: None },
        steampipe: Steampipe::InOrder { source: None, events: &["CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"], quotes: false },
        cis: &[("1.4", &[r#"{($.eventName=CreateTrail) || ($.eventName=UpdateTrail) || ($.eventName=DeleteTrail) || ($.eventName=StartLogging) || ($.eventName=StopLogging)}"#])],
    },
    Control {
        number: 6,
        title: "Console authentication failures",
        detection: "cis/console-sign-in-failed",
        security_hub: Some(SecurityHub { id: "CloudWatch.6", text: r#"{($.eventName=ConsoleLogin) && ($.errorMessage="Failed authentication")}"# }),
        prowler: Prowler::Clauses { source: None, events: &["ConsoleLogin"], extra: Some(("errorMessage", "=", "Failed authentication")) },
        steampipe: Steampipe::Expression(r#"\$\.eventName\s*=\s*ConsoleLogin.+\$\.errorMessage\s*=\s*"Failed authentication""#),
        cis: &[("1.4", &[r#"{($.eventName=ConsoleLogin) && ($.errorMessage="Failed authentication")}"#])],
    },
    Control {
        number: 7,
        title: "Disabling or deletion of KMS keys",
        detection: "cis/kms-key-disabled-or-deleted",
        security_hub: Some(SecurityHub { id: "CloudWatch.7", text: r#"{($.eventSource=kms.amazonaws.com) && (($.eventName=DisableKey) || ($.eventName=ScheduleKeyDeletion))}"# }),
        prowler: Prowler::Clauses { source: Some("kms.amazonaws.com"), events: &["DisableKey", "ScheduleKeyDeletion"], extra: None },
        steampipe: Steampipe::InOrder { source: Some("kms.amazonaws.com"), events: &["DisableKey", "ScheduleKeyDeletion"], quotes: false },
        cis: &[("1.4", &[r#"{($.eventSource=kms.amazonaws.com) && (($.eventName=DisableKey) || ($.eventName=ScheduleKeyDeletion))}"#])],
    },
    Control {
        number: 8,
        title: "S3 bucket policy changes",
        detection: "cis/s3-bucket-policy-changed",
        security_hub: Some(SecurityHub { id: "CloudWatch.8", text: r#"{($.eventSource=s3.amazonaws.com) && (($.eventName=PutBucketAcl) || ($.eventName=PutBucketPolicy) || ($.eventName=PutBucketCors) || ($.eventName=PutBucketLifecycle) || ($.eventName=PutBucketReplication) || ($.eventName=DeleteBucketPolicy) || ($.eventName=DeleteBucketCors) || ($.eventName=DeleteBucketLifecycle) || ($.eventName=DeleteBucketReplication))}"# }),
        prowler: Prowler::Clauses { source: Some("s3.amazonaws.com"), events: &["PutBucketAcl", "PutBucketPolicy", "PutBucketCors", "PutBucketLifecycle", "PutBucketReplication", "DeleteBucketPolicy", "DeleteBucketCors", "DeleteBucketLifecycle", "DeleteBucketReplication"], extra: None },
        steampipe: Steampipe::InOrder { source: Some("s3.amazonaws.com"), events: &["PutBucketAcl", "PutBucketPolicy", "PutBucketCors", "PutBucketLifecycle", "PutBucketReplication", "DeleteBucketPolicy", "DeleteBucketCors", "DeleteBucketLifecycle", "DeleteBucketReplication"], quotes: false },
        cis: &[("1.4", &[r#"{($.eventSource=s3.amazonaws.com) && (($.eventName=PutBucketAcl) || ($.eventName=PutBucketPolicy) || ($.eventName=PutBucketCors) || ($.eventName=PutBucketLifecycle) || ($.eventName=PutBucketReplication) || ($.eventName=DeleteBucketPolicy) || ($.eventName=DeleteBucketCors) || ($.eventName=DeleteBucketLifecycle) || ($.eventName=DeleteBucketReplication))}"#])],
    },
    Control {
        number: 9,
        title: "AWS Config changes",
        detection: "cis/config-changed",
        security_hub: Some(SecurityHub { id: "CloudWatch.9", text: r#"{($.eventSource=config.amazonaws.com) && (($.eventName=StopConfigurationRecorder) || ($.eventName=DeleteDeliveryChannel) || ($.eventName=PutDeliveryChannel) || ($.eventName=PutConfigurationRecorder))}"# }),
        prowler: Prowler::Clauses { source: Some("config.amazonaws.com"), events: &["StopConfigurationRecorder", "DeleteDeliveryChannel", "PutDeliveryChannel", "PutConfigurationRecorder"], extra: None },
        steampipe: Steampipe::InOrder { source: Some("config.amazonaws.com"), events: &["StopConfigurationRecorder", "DeleteDeliveryChannel", "PutDeliveryChannel", "PutConfigurationRecorder"], quotes: false },
        cis: &[("1.4", &[r#"{($.eventSource=config.amazonaws.com) && (($.eventName=StopConfigurationRecorder) || ($.eventName=DeleteDeliveryChannel) || ($.eventName=PutDeliveryChannel) || ($.eventName=PutConfigurationRecorder))}"#])],
    },
    Control {
        number: 10,
        title: "Security group changes",
        detection: "cis/security-group-changed",
        security_hub: Some(SecurityHub { id: "CloudWatch.10", text: r#"{($.eventName=AuthorizeSecurityGroupIngress) || ($.eventName=AuthorizeSecurityGroupEgress) || ($.eventName=RevokeSecurityGroupIngress) || ($.eventName=RevokeSecurityGroupEgress) || ($.eventName=CreateSecurityGroup) || ($.eventName=DeleteSecurityGroup)}"# }),
        prowler: Prowler::Clauses { source: None, events: &["AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress", "CreateSecurityGroup", "DeleteSecurityGroup"], extra: None },
        steampipe: Steampipe::InOrder { source: None, events: &["AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress", "CreateSecurityGroup", "DeleteSecurityGroup", "ModifySecurityGroupRules"], quotes: false },
        cis: &[("1.4", &[r#"{($.eventName=AuthorizeSecurityGroupIngress) || ($.eventName=AuthorizeSecurityGroupEgress) || ($.eventName=RevokeSecurityGroupIngress) || ($.eventName=RevokeSecurityGroupEgress) || ($.eventName=CreateSecurityGroup) || ($.eventName=DeleteSecurityGroup)}"#]), ("5.0", &[r#"{ ($.eventName = AuthorizeSecurityGroupIngress) || ($.eventName = AuthorizeSecurityGroupEgress) || ($.eventName = RevokeSecurityGroupIngress) || ($.eventName = RevokeSecurityGroupEgress) || ($.eventName = CreateSecurityGroup) || ($.eventName = DeleteSecurityGroup) || ($.eventName = ModifySecurityGroupRules) }"#])],
    },
    Control {
        number: 11,
        title: "Network ACL changes",
        detection: "cis/network-acl-changed",
        security_hub: Some(SecurityHub { id: "CloudWatch.11", text: r#"{($.eventName=CreateNetworkAcl) || ($.eventName=CreateNetworkAclEntry) || ($.eventName=DeleteNetworkAcl) || ($.eventName=DeleteNetworkAclEntry) || ($.eventName=ReplaceNetworkAclEntry) || ($.eventName=ReplaceNetworkAclAssociation)}"# }),
        prowler: Prowler::Clauses { source: None, events: &["CreateNetworkAcl", "CreateNetworkAclEntry", "DeleteNetworkAcl", "DeleteNetworkAclEntry", "ReplaceNetworkAclEntry", "ReplaceNetworkAclAssociation"], extra: None },
        steampipe: Steampipe::InOrder { source: None, events: &["CreateNetworkAcl", "CreateNetworkAclEntry", "DeleteNetworkAcl", "DeleteNetworkAclEntry", "ReplaceNetworkAclEntry", "ReplaceNetworkAclAssociation"], quotes: false },
        cis: &[("1.4", &[r#"{($.eventName=CreateNetworkAcl) || ($.eventName=CreateNetworkAclEntry) || ($.eventName=DeleteNetworkAcl) || ($.eventName=DeleteNetworkAclEntry) || ($.eventName=ReplaceNetworkAclEntry) || ($.eventName=ReplaceNetworkAclAssociation)}"#])],
    },
    Control {
        number: 12,
        title: "Network gateway changes",
        detection: "cis/network-gateway-changed",
        security_hub: Some(SecurityHub { id: "CloudWatch.12", text: r#"{($.eventName=CreateCustomerGateway) || ($.eventName=DeleteCustomerGateway) || ($.eventName=AttachInternetGateway) || ($.eventName=CreateInternetGateway) || ($.eventName=DeleteInternetGateway) || ($.eventName=DetachInternetGateway)}"# }),
        prowler: Prowler::Clauses { source: None, events: &["CreateCustomerGateway", "DeleteCustomerGateway", "AttachInternetGateway", "CreateInternetGateway", "DeleteInternetGateway", "DetachInternetGateway"], extra: None },
        steampipe: Steampipe::InOrder { source: None, events: &["CreateCustomerGateway", "DeleteCustomerGateway", "AttachInternetGateway", "CreateInternetGateway", "DeleteInternetGateway", "DetachInternetGateway"], quotes: false },
        cis: &[("1.4", &[r#"{($.eventName=CreateCustomerGateway) || ($.eventName=DeleteCustomerGateway) || ($.eventName=AttachInternetGateway) || ($.eventName=CreateInternetGateway) || ($.eventName=DeleteInternetGateway) || ($.eventName=DetachInternetGateway)}"#])],
    },
    Control {
        number: 13,
        title: "Route table changes",
        detection: "cis/route-table-changed",
        security_hub: Some(SecurityHub { id: "CloudWatch.13", text: r#"{($.eventName=CreateRoute) || ($.eventName=CreateRouteTable) || ($.eventName=ReplaceRoute) || ($.eventName=ReplaceRouteTableAssociation) || ($.eventName=DeleteRouteTable) || ($.eventName=DeleteRoute) || ($.eventName=DisassociateRouteTable)}"# }),
        prowler: Prowler::Clauses { source: Some("ec2.amazonaws.com"), events: &["CreateRoute", "CreateRouteTable", "ReplaceRoute", "ReplaceRouteTableAssociation", "DeleteRouteTable", "DeleteRoute", "DisassociateRouteTable"], extra: None },
        steampipe: Steampipe::InOrder { source: None, events: &["CreateRoute", "CreateRouteTable", "ReplaceRoute", "ReplaceRouteTableAssociation", "DeleteRouteTable", "DeleteRoute", "DisassociateRouteTable"], quotes: false },
        cis: &[("1.4", &[r#"{($.eventName=CreateRoute) || ($.eventName=CreateRouteTable) || ($.eventName=ReplaceRoute) || ($.eventName=ReplaceRouteTableAssociation) || ($.eventName=DeleteRouteTable) || ($.eventName=DeleteRoute) || ($.eventName=DisassociateRouteTable)}"#]), ("3.0", &[r#"{($.eventSource = ec2.amazonaws.com) && ($.eventName = CreateRoute) || ($.eventName = CreateRouteTable) || ($.eventName = ReplaceRoute) || ($.eventName = ReplaceRouteTableAssociation) || ($.eventName = DeleteRouteTable) || ($.eventName = DeleteRoute) || ($.eventName = DisassociateRouteTable) }"#])],
    },
    Control {
        number: 14,
        title: "VPC changes",
        detection: "cis/vpc-changed",
        security_hub: Some(SecurityHub { id: "CloudWatch.14", text: r#"{($.eventName=CreateVpc) || ($.eventName=DeleteVpc) || ($.eventName=ModifyVpcAttribute) || ($.eventName=AcceptVpcPeeringConnection) || ($.eventName=CreateVpcPeeringConnection) || ($.eventName=DeleteVpcPeeringConnection) || ($.eventName=RejectVpcPeeringConnection) || ($.eventName=AttachClassicLinkVpc) || ($.eventName=DetachClassicLinkVpc) || ($.eventName=DisableVpcClassicLink) || ($.eventName=EnableVpcClassicLink)}"# }),
        prowler: Prowler::Clauses { source: None, events: &["CreateVpc", "DeleteVpc", "ModifyVpcAttribute", "AcceptVpcPeeringConnection", "CreateVpcPeeringConnection", "DeleteVpcPeeringConnection", "RejectVpcPeeringConnection", "AttachClassicLinkVpc", "DetachClassicLinkVpc", "DisableVpcClassicLink", "EnableVpcClassicLink"], extra: None },
        steampipe: Steampipe::InOrder { source: None, events: &["CreateVpc", "DeleteVpc", "ModifyVpcAttribute", "AcceptVpcPeeringConnection", "CreateVpcPeeringConnection", "DeleteVpcPeeringConnection", "RejectVpcPeeringConnection", "AttachClassicLinkVpc", "DetachClassicLinkVpc", "DisableVpcClassicLink", "EnableVpcClassicLink"], quotes: false },
        cis: &[("1.4", &[r#"{($.eventName=CreateVpc) || ($.eventName=DeleteVpc) || ($.eventName=ModifyVpcAttribute) || ($.eventName=AcceptVpcPeeringConnection) || ($.eventName=CreateVpcPeeringConnection) || ($.eventName=DeleteVpcPeeringConnection) || ($.eventName=RejectVpcPeeringConnection) || ($.eventName=AttachClassicLinkVpc) || ($.eventName=DetachClassicLinkVpc) || ($.eventName=DisableVpcClassicLink) || ($.eventName=EnableVpcClassicLink)}"#])],
    },
    Control {
        number: 15,
        title: "AWS Organizations changes",
        detection: "cis/organizations-changed",
        security_hub: None,
        prowler: Prowler::Clauses { source: Some("organizations.amazonaws.com"), events: &["AcceptHandshake", "AttachPolicy", "CreateAccount", "CreateOrganizationalUnit", "CreatePolicy", "DeclineHandshake", "DeleteOrganization", "DeleteOrganizationalUnit", "DeletePolicy", "DetachPolicy", "DisablePolicyType", "EnablePolicyType", "InviteAccountToOrganization", "LeaveOrganization", "MoveAccount", "RemoveAccountFromOrganization", "UpdatePolicy", "UpdateOrganizationalUnit", "CancelHandshake", "CreateOrganization", "EnableAllFeatures"], extra: None },
        steampipe: Steampipe::InOrder { source: Some("organizations.amazonaws.com"), events: &["AcceptHandshake", "AttachPolicy", "CreateAccount", "CreateOrganizationalUnit", "CreatePolicy", "DeclineHandshake", "DeleteOrganization", "DeleteOrganizationalUnit", "DeletePolicy", "DetachPolicy", "DisablePolicyType", "EnablePolicyType", "InviteAccountToOrganization", "LeaveOrganization", "MoveAccount", "RemoveAccountFromOrganization", "UpdatePolicy", "UpdateOrganizationalUnit"], quotes: true },
        cis: &[("1.4", &[r#"{ ($.eventSource = organizations.amazonaws.com) && (($.eventName = "AcceptHandshake") || ($.eventName = "AttachPolicy") || ($.eventName = "CreateAccount") || ($.eventName = "CreateOrganizationalUnit") || ($.eventName = "CreatePolicy") || ($.eventName = "DeclineHandshake") || ($.eventName = "DeleteOrganization") || ($.eventName = "DeleteOrganizationalUnit") || ($.eventName = "DeletePolicy") || ($.eventName = "DetachPolicy") || ($.eventName = "DisablePolicyType") || ($.eventName = "EnablePolicyType") || ($.eventName = "InviteAccountToOrganization") || ($.eventName = "LeaveOrganization") || ($.eventName = "MoveAccount") || ($.eventName = "RemoveAccountFromOrganization") || ($.eventName = "UpdatePolicy") || ($.eventName = "UpdateOrganizationalUnit")) }"#])],
    },
];
