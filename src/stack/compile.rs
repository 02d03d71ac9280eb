//! A project, in the account it is for → the desired state.

use std::collections::{BTreeMap, BTreeSet};

use super::Project;
use super::log_group::LogGroups;
use super::section::{AlarmDefaults, LimitsSection, StackSection};
use crate::checks::{cycle, filter_limit};
use crate::detection::{Context, Detection, Problems, Profiles, Ready, Unit, build, prepare};
use crate::finding::{Code, Finding, each_once, suggest};
use crate::kinds::{kind, permission, subscription, topic};
use crate::state::{Address, Desired, Note, Resource, Scope};
use crate::yaml::{Node, Span, Value, Variables, decode, substitute};

/// What a stack comes to.
#[derive(Debug)]
pub struct Compiled {
    pub desired: Desired,
    /// The detections that are switched on, beside what they were compiled to.
    pub units: Vec<Unit>,
    /// Addresses of `removed:`.
    pub removed: BTreeSet<Address>,
    /// Old name of a detection → its new address.
    pub moved: BTreeMap<String, String>,
    /// ARNs of topics that are used and never changed.
    pub existing_topics: BTreeSet<String>,
    pub limits: LimitsSection,
    /// Detections that the stack switched off.
    pub disabled: BTreeSet<String>,
    /// Alarms under their own names that they would have.
    pub disabled_alarms: BTreeSet<Address>,
    /// Metric filters under their own names that they had adopted.
    pub disabled_filters: BTreeSet<Address>,
}

fn variables(tree: &Node, scope: &Scope) -> Variables {
    let mut variables = crate::detection::builtins(scope);
    if let Some(parameters) = parameters(tree, scope) {
        variables.extend(parameters.entries().iter().map(|(k, v)| (k.text.clone(), v.value.clone())));
    }
    variables
}

/// The stack's parameters, with the builtins put in.
fn parameters(tree: &Node, scope: &Scope) -> Option<Node> {
    let mut node = tree.get("parameters")?.clone();
    substitute(&mut node, &crate::detection::builtins(scope), &mut Vec::new());
    Some(node)
}

impl Project {
    /// The keys of the stack, with all values put in.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn section(&self, scope: &Scope) -> Result<StackSection, Vec<Finding>> {
        let mut tree = self.tree.clone();
        // Overrides hold parameters of their detections; they are read with those.
        if tree.get("detections").is_some_and(|n| matches!(n.value, Value::Map(_))) {
            tree.remove("detections");
        }
        let mut findings = Vec::new();
        substitute(&mut tree, &variables(&self.tree, scope), &mut findings);
        let section = decode::<StackSection>(&tree);
        match section {
            Ok(section) if findings.is_empty() => Ok(section),
            Ok(_) => Err(findings),
            Err(more) => Err(findings.into_iter().chain(more).collect()),
        }
    }
}

/// Compiles a project for no account: what a plan would say of its definitions anywhere.
///
/// # Errors
/// All that is wrong with a project, as far as it can be seen without an account.
pub fn check(project: &Project) -> Result<Compiled, Vec<Finding>> {
    let section = project.section(&Scope::nowhere("stack")).map_err(|more| {
        // Without the stack, what its detections say by themselves.
        let alone = detections_alone(&project.detections).err().unwrap_or_default();
        project.problems.iter().cloned().chain(more).chain(alone).collect::<Vec<_>>()
    })?;
    let scope = Scope::nowhere(&section.stack.0);
    let mut findings = project.problems.clone();
    match compile(project, &scope, &LogGroups::offline(&section)) {
        Ok(compiled) => {
            findings.extend(filter_limit(&compiled.desired, &BTreeSet::new(), &[]));
            findings.extend(cycle(&compiled.desired, &scope));
            if findings.is_empty() { Ok(compiled) } else { Err(findings) }
        }
        Err(more) => Err(findings.into_iter().chain(more).collect()),
    }
}

/// Compiles a project for a scope.
///
/// # Errors
/// All that is wrong with the stack and its detections.
pub fn compile(project: &Project, scope: &Scope, groups: &LogGroups) -> Result<Compiled, Vec<Finding>> {
    let section = project.section(scope)?;
    let mut compiler = Compiler::new(scope, groups, &section);
    compiler.log_group_keys(&section, &project.tree);
    if project.problems.is_empty() {
        let at = |pack: &str| project.tree.locate(&format!("profiles.{pack}"));
        let findings = compiler.profiles.check(&project.detections, at);
        compiler.findings.extend(findings);
    }
    compiler.default_topics(&section, &project.tree);
    compiler.topics(&section, &project.tree);
    let (ready, off) = compiler.ready(project);
    let moved = compiler.moved(&section, &project.tree, &ready);
    let units = compiler.detections(ready);
    compiler.permissions();
    let limits = section.limits.clone().unwrap_or_default();
    let removed = compiler.removed(&section, &project.tree);
    if !compiler.findings.is_empty() {
        return Err(each_once(compiler.findings));
    }
    let own_name = |r: &Ready| r.section.alarm.as_ref().and_then(|a| a.name.clone()).map(|n| Address::new("alarm", n.0));
    Ok(Compiled {
        desired: compiler.desired,
        units,
        removed,
        moved,
        existing_topics: section.topics.iter().flatten().filter_map(|(_, t)| t.arn.clone()).collect(),
        limits,
        disabled_alarms: off.iter().filter_map(own_name).collect(),
        disabled_filters: off.iter().flat_map(|r| r.adopted_filters(&groups.main)).collect(),
        disabled: off.into_iter().map(|r| r.address).collect(),
    })
}

/// Checks detections without a stack: names of topics and values without default are taken on trust.
///
/// # Errors
/// All that is wrong with them.
pub fn detections_alone(detections: &[Detection]) -> Result<Vec<Unit>, Vec<Finding>> {
    let scope = Scope::nowhere("stack");
    let groups = LogGroups { main: "log-group".to_owned(), others: BTreeMap::new() };
    let mut compiler = Compiler {
        scope: &scope,
        groups: &groups,
        topics: BTreeMap::new(),
        tags: BTreeMap::new(),
        defaults: AlarmDefaults::default(),
        namespace: "Trailarm/stack".to_owned(),
        profiles: Profiles::default(),
        desired: Desired::default(),
        findings: Vec::new(),
    };
    let mut ready = Vec::new();
    for detection in detections {
        match prepare(detection, None, None, (&scope, &groups.main), &mut BTreeSet::new()) {
            Ok(one) => ready.push(one),
            Err(findings) => compiler.findings.extend(findings),
        }
    }
    let notify = ready.iter().filter_map(|r| r.section.alarm.as_ref()).flat_map(|a| [&a.notify, &a.notify_ok, &a.notify_insufficient_data]);
    let topics: BTreeSet<String> = notify.flatten().flatten().cloned().collect();
    compiler.topics = topics.into_iter().map(|t| (t.clone(), scope.arn("sns", &t))).collect();
    let units = compiler.detections(ready);
    if compiler.findings.is_empty() { Ok(units) } else { Err(compiler.findings) }
}

pub(super) struct Compiler<'a> {
    scope: &'a Scope,
    pub(super) groups: &'a LogGroups,
    topics: BTreeMap<String, String>,
    tags: BTreeMap<String, String>,
    defaults: AlarmDefaults,
    namespace: String,
    profiles: Profiles,
    pub(super) desired: Desired,
    pub(super) findings: Vec<Finding>,
}

impl<'a> Compiler<'a> {
    fn new(scope: &'a Scope, groups: &'a LogGroups, section: &StackSection) -> Self {
        let defaults = section.defaults.clone().unwrap_or_default();
        Self {
            scope,
            groups,
            topics: BTreeMap::new(),
            tags: defaults.tags.iter().flatten().map(|(k, v)| (k.0.clone(), v.0.clone())).collect(),
            defaults: defaults.alarm.unwrap_or_default(),
            namespace: defaults.namespace.map_or_else(|| format!("Trailarm/{}", scope.stack), |n| n.0),
            profiles: Profiles(section.profiles.clone().unwrap_or_default()),
            desired: Desired::default(),
            findings: Vec::new(),
        }
    }

    /// A log group is named in one way.
    fn log_group_keys(&mut self, section: &StackSection, tree: &Node) {
        let main = section.log_group.iter().map(|g| ("log_group".to_owned(), g));
        let others = section.log_groups.iter().flatten().map(|(key, g)| (format!("log_groups.{key}"), g));
        for (path, group) in main.chain(others).filter(|(_, g)| g.name.is_some() == g.from_trail.is_some()) {
            let message = if group.name.is_some() { "`name` and `from_trail` exclude each other" } else { "the log group has no name" };
            let finding = Finding::error(Code::Combination, message).at(&tree.locate(&path));
            self.findings.push(finding.help("write `{name: aws-cloudtrail-logs}` or `{from_trail: auto}`"));
        }
    }

    /// Topics that the defaults name and the stack does not declare: said once, not for each alarm.
    fn default_topics(&mut self, section: &StackSection, tree: &Node) {
        let declared: BTreeSet<&str> = section.topics.iter().flatten().map(|(key, _)| key.as_str()).collect();
        let defaults = &mut self.defaults;
        for (key, names) in [
            ("notify", &mut defaults.notify),
            ("notify_ok", &mut defaults.notify_ok),
            ("notify_insufficient_data", &mut defaults.notify_insufficient_data),
        ] {
            for (i, name) in names.iter().flatten().enumerate().filter(|(_, name)| !declared.contains(name.as_str())) {
                let finding = Finding::error(Code::UnknownName, format!("the stack declares no topic `{name}`"));
                let at = tree.locate(&format!("defaults.alarm.{key}.{i}"));
                self.findings.push(finding.at(&at).help(suggest(name, declared.iter().copied())));
            }
            if let Some(names) = names {
                names.retain(|name| declared.contains(name.as_str()));
            }
        }
    }

    fn topics(&mut self, section: &StackSection, tree: &Node) {
        for (key, topic) in section.topics.iter().flatten() {
            let mut problems = Problems::default();
            problems.below(format!("topics.{key}"));
            let compiled = topic::compile(key, topic, &self.tags, self.scope, &mut problems);
            self.topics.insert(key.clone(), compiled.arn);
            let origin = format!("topics/{key}");
            if let Some(statement) = compiled.statement {
                self.add(statement.resource(), &origin, tree.locate(&format!("topics.{key}.allow_alarms")), false);
            }
            if let Some(managed) = compiled.topic {
                let name = managed.name.clone();
                self.add(managed.resource(), &origin, tree.locate(&format!("topics.{key}")), topic.adopt.unwrap_or(false));
                for (i, entry) in topic.subscriptions.iter().flatten().enumerate() {
                    let path = format!("subscriptions.{i}");
                    if let Some(subscription) = subscription::compile(&name, &path, entry, &mut problems) {
                        self.add(subscription.resource(), &origin, tree.locate(&format!("topics.{key}.{path}")), true);
                    }
                }
            }
            self.findings.extend(problems.placed_in(tree));
        }
        self.own_topics_by_arn(section, tree);
    }

    /// A topic of the stack needs no statement, and would lose it with each apply of its own policy.
    fn own_topics_by_arn(&mut self, section: &StackSection, tree: &Node) {
        let own = |arn: &str| {
            let name = self.scope.topic_name(arn)?;
            self.desired.state.0.contains_key(&Address::new("topic", name)).then(|| name.to_owned())
        };
        let opened = section.topics.iter().flatten().filter(|(_, topic)| topic.allow_alarms == Some(true));
        let doubled: Vec<_> = opened.filter_map(|(key, topic)| Some((key.clone(), own(topic.arn.as_deref()?)?))).collect();
        for (key, name) in doubled {
            let finding = Finding::error(Code::Combination, format!("the topic {name} is this stack's own, and is named here by its ARN"));
            let at = tree.locate(&format!("topics.{key}.arn"));
            self.findings.push(finding.at(&at).help("use the key under which the stack manages it, and remove this one"));
        }
    }

    /// Prepares all detections; those that are switched off apart.
    fn ready(&mut self, project: &Project) -> (Vec<Ready>, Vec<Ready>) {
        let overrides = project.tree.get("detections");
        let values = parameters(&project.tree, self.scope);
        let mut used = BTreeSet::new();
        let (mut ready, mut off) = (Vec::new(), Vec::new());
        for detection in &project.detections {
            let over = overrides.and_then(|o| o.get(&detection.address));
            match prepare(detection, over, values.as_ref(), (self.scope, &self.groups.main), &mut used) {
                Ok(one) if one.enabled => ready.push(one),
                Ok(one) => off.push(one),
                Err(findings) => self.findings.extend(findings),
            }
        }
        if project.problems.is_empty() {
            self.unused(project, overrides, &used);
        }
        (ready, off)
    }

    /// Changes of detections and values of parameters that nothing in the packs takes.
    fn unused(&mut self, project: &Project, overrides: Option<&Node>, used: &BTreeSet<String>) {
        let known = || project.detections.iter().map(|d| d.address.as_str());
        for (key, _) in overrides.map(Node::entries).unwrap_or_default() {
            if !known().any(|address| address == key.text) {
                let finding = Finding::error(Code::UnknownName, format!("no pack of the stack has a detection `{}`", key.text));
                self.findings.push(finding.at(&key.span).help(suggest(&key.text, known())));
            }
        }
        for (key, _) in project.tree.get("parameters").map(Node::entries).unwrap_or_default() {
            let in_stack = uses(&project.tree, &format!("${{{}}}", key.text));
            if !used.contains(&key.text) && !in_stack {
                self.findings.push(crate::detection::unknown_parameter(&key.text, &key.span, used.iter().map(String::as_str)));
            }
        }
    }

    fn detections(&mut self, ready: Vec<Ready>) -> Vec<Unit> {
        let alarms = self.alarm_names(&ready);
        let mut units = Vec::with_capacity(ready.len());
        for one in ready {
            let context = Context {
                scope: self.scope,
                name: one.name.clone(),
                file: one.file.clone(),
                description: one.section.description.clone(),
                runbook: one.section.runbook.clone().map(|r| r.0),
                namespace: self.namespace.clone(),
                log_group: &self.groups.main,
                log_groups: &self.groups.others,
                topics: &self.topics,
                tags: &self.tags,
                alarm_defaults: &self.defaults,
                profile: self.profiles.of(&one.address),
            };
            let built = build(&one, &context, &alarms);
            self.findings.extend(built.findings);
            for (resource, span, adopt) in built.resources {
                self.add(resource, &one.address, span, adopt);
            }
            let profile = self.profiles.of(&one.address).map(str::to_owned);
            units.push(Unit { ready: one, filters: built.filters, alarm: built.alarm, profile });
        }
        units
    }

    /// What lets the alarms invoke their functions.
    fn permissions(&mut self) {
        for (alarm, permission) in permission::compile(&self.desired, self.scope) {
            if let Some(note) = self.desired.notes.get(&alarm).cloned() {
                self.add(permission, &note.origin, note.span, false);
            }
        }
    }

    /// Names that a composite alarm may use → names of alarms.
    fn alarm_names(&self, ready: &[Ready]) -> BTreeMap<String, String> {
        let mut names = BTreeMap::new();
        for one in ready.iter().filter(|one| !one.is_left_out(self.profiles.of(&one.address))) {
            if let Some(alarm) = &one.section.alarm {
                let name = alarm.name.as_ref().map_or_else(|| format!("{}{}", self.scope.prefix(), one.name), |n| n.0.clone());
                names.insert(one.name.clone(), name.clone());
                names.insert(one.address.clone(), name);
            }
        }
        names
    }

    fn add(&mut self, resource: Resource, origin: &str, span: Span, adopt: bool) {
        let Resource { address, attributes } = resource;
        // A metric alarm and a composite one share their names.
        let twin = Address::new(if address.kind == "alarm" { "composite_alarm" } else { "alarm" }, &address.name);
        let taken = [Some(&address), address.is_alarm().then_some(&twin)].into_iter().flatten().find_map(|a| self.desired.notes.get(a));
        if let Some(first) = taken {
            let (line, column) = first.span.line_column();
            let name = kind(&address.kind).map_or_else(|| address.name.clone(), |k| k.shown_name(&address.name));
            let message = format!("{}/{name} is defined twice: by {origin} and by {}", address.kind, first.origin);
            let help = format!(
                "the other is in {}:{line}:{column}; rename one of the two files, or give one its own `name:`",
                first.span.source.name
            );
            self.findings.push(Finding::error(Code::SameAddress, message).at(&span).help(help));
            return;
        }
        if address.is_alarm() && address.name.chars().count() > 255 {
            let finding = Finding::error(Code::WrongValue, format!("the name {} is longer than 255 characters", address.name));
            self.findings.push(finding.at(&span).help("shorten the name of the stack or of the detection"));
        }
        self.desired.notes.insert(address.clone(), Note { origin: origin.to_owned(), span, adopt });
        self.desired.state.0.insert(address, attributes);
    }
}

/// Whether any string of the tree holds the text.
fn uses(node: &Node, text: &str) -> bool {
    match &node.value {
        Value::Null => false,
        Value::Scalar { text: scalar, .. } => scalar.contains(text),
        Value::List(items) => items.iter().any(|n| uses(n, text)),
        Value::Map(entries) => entries.iter().any(|(_, n)| uses(n, text)),
    }
}
