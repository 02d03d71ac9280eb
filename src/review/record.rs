//! A CloudTrail record → what it did to an API or a function. The field names are those of the records (see `cloudtrail/`).

use serde_json::Value;

use super::{Actor, Id, Kind, Tie};

/// What a record did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Deed {
    Created,
    Changed,
    /// How it was opened.
    Opened(&'static str),
    /// Something of another account was let in, or is called: which account.
    Foreign(&'static str, String),
    Deleted,
}

/// A record, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Read {
    pub id: Id,
    pub name: Option<String>,
    pub deeds: Vec<Deed>,
    pub ties: Vec<Tie>,
    pub event: String,
    /// As CloudTrail writes it.
    pub time: String,
    pub by: Actor,
    pub was_refused: bool,
}

const GATEWAY: &str = "apigateway.amazonaws.com";
const LAMBDA: &str = "lambda.amazonaws.com";

fn text<'a>(value: &'a Value, keys: &[&str]) -> Option<&'a str> {
    keys.iter().try_fold(value, |value, key| value.get(key)).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// `None`: it is about neither, or only looks.
pub(super) fn read(record: &Value) -> Option<Read> {
    let source = text(record, &["eventSource"])?;
    let whole = text(record, &["eventName"])?;
    // Lambda puts the date of its API behind the name.
    let event = whole.split("20").next().unwrap_or(whole);
    // That a function is invoked or an object is read builds nothing.
    if record["eventCategory"] == "Data" || record["managementEvent"] == false || event.starts_with("Invoke") {
        return None;
    }
    if record["readOnly"] == true || ["Get", "List", "Describe"].iter().any(|read| event.starts_with(read)) {
        return None;
    }
    let was_refused = record.get("errorCode").is_some_and(|code| !code.is_null());
    let account = text(record, &["recipientAccountId"]).or(text(record, &["userIdentity", "accountId"])).unwrap_or_default();
    let (parameters, response) = (&record["requestParameters"], &record["responseElements"]);
    let parts = match source {
        GATEWAY => of_gateway(event, parameters, response, account),
        LAMBDA => of_lambda(event, parameters, response, account),
        _ => return None,
    };
    // A refused call often has no parameters; it counts for its actor alone.
    let nothing = || was_refused.then(|| (id(Kind::Function, ""), None, Vec::new(), Vec::new()));
    let (id, name, deeds, ties) = parts.or_else(nothing)?;
    let region = text(record, &["awsRegion"]).unwrap_or_default().to_owned();
    Some(Read {
        id: Id { region, account: account.to_owned(), ..id },
        name,
        deeds,
        ties,
        event: whole.to_owned(),
        time: text(record, &["eventTime"]).unwrap_or_default().to_owned(),
        by: Actor::of(record),
        was_refused,
    })
}

type Parts = (Id, Option<String>, Vec<Deed>, Vec<Tie>);

fn id(kind: Kind, key: &str) -> Id {
    Id { kind, key: key.to_owned(), region: String::new(), account: String::new() }
}

fn of_gateway(event: &str, parameters: &Value, response: &Value, account: &str) -> Option<Parts> {
    // Of the first version the API is `restApiId`, of the second `apiId`.
    let rest = text(parameters, &["restApiId"]).or(text(response, &["restapiUpdate", "restApiId"]));
    let (kind, key) = match (event, rest) {
        ("CreateRestApi" | "ImportRestApi", rest) => (Kind::RestApi, rest.or(text(response, &["id"]))),
        ("CreateApi" | "ImportApi", _) => (Kind::HttpApi, text(response, &["apiId"])),
        (_, Some(rest)) => (Kind::RestApi, Some(rest)),
        _ => (Kind::HttpApi, text(parameters, &["apiId"])),
    };
    let key = key?;
    let mut deeds = Vec::new();
    match event {
        "CreateRestApi" | "ImportRestApi" | "CreateApi" | "ImportApi" => deeds.push(Deed::Created),
        "DeleteRestApi" | "DeleteApi" => deeds.push(Deed::Deleted),
        _ => deeds.push(Deed::Changed),
    }
    let patched = |path: &str| {
        let inputs =
            ["updateMethodInput", "updateIntegrationInput"].iter().filter_map(|input| parameters[*input]["patchOperations"].as_array());
        inputs.flatten().find(|patch| patch["path"] == path).and_then(|patch| patch["value"].as_str())
    };
    if event == "UpdateMethod" && patched("/authorizationType") == Some("NONE") {
        deeds.push(Deed::Opened("a method lost its authorization"));
    }
    if event == "CreateApi" && text(parameters, &["target"]).is_some() {
        deeds.push(Deed::Opened("it was made with a route for everything, without authorization"));
    }
    let authorization = text(parameters, &["putMethodInput", "authorizationType"]).or(text(parameters, &["authorizationType"]));
    let method = text(parameters, &["httpMethod"]).or(text(parameters, &["routeKey"])).unwrap_or_default();
    let is_preflight = method == "OPTIONS" || method.starts_with("OPTIONS ");
    let is_way_in = matches!(event, "PutMethod" | "CreateRoute" | "UpdateRoute");
    if is_way_in && !is_preflight && authorization.is_none_or(|kind| kind == "NONE") && event != "UpdateRoute" {
        deeds.push(Deed::Opened("a method or route without authorization"));
    }
    if event == "UpdateRoute" && authorization == Some("NONE") {
        deeds.push(Deed::Opened("a route lost its authorization"));
    }
    let uri = text(parameters, &["putIntegrationInput", "uri"]).or(text(parameters, &["integrationUri"])).or(text(parameters, &["target"]));
    let uri = uri.or(patched("/uri"));
    let mut ties = Vec::new();
    if let Some(host) = uri.and_then(host_in) {
        deeds.push(Deed::Opened("it hands its calls on to a host outside of AWS"));
        ties.push(Tie::Host(host));
    }
    if let Some(function) = uri.and_then(function_in) {
        if function.split(':').nth(4).is_some_and(|other| other != account && !other.is_empty()) {
            deeds.push(Deed::Foreign("it calls a function of another account", function.split(':').nth(4).unwrap_or_default().to_owned()));
        }
        ties.push(Tie::Function(function));
    }
    // Authorizers, models and stages have names too.
    let is_api = event.ends_with("RestApi") || event.ends_with("Api");
    let name = text(parameters, &["createRestApiInput", "name"]).or(text(parameters, &["name"])).or(text(response, &["name"]));
    Some((id(kind, key), name.filter(|_| is_api).map(str::to_owned), deeds, ties))
}

/// The host of an integration's URL, if it is none of AWS's.
fn host_in(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once("://")?;
    let host = rest.split(['/', '?', ':']).next()?.rsplit('@').next()?;
    let is_of_aws = ["amazonaws.com", "amazonaws.com.cn", "aws"].iter().any(|end| host.ends_with(&format!(".{end}")));
    (scheme.starts_with("http") && !host.is_empty() && !is_of_aws).then(|| host.to_owned())
}

/// The function in an integration's URI: `…/functions/arn:aws:lambda:…:function:name/invocations`, or its ARN by itself.
fn function_in(uri: &str) -> Option<String> {
    let at = uri.find("arn:").filter(|_| uri.contains(":function:"))?;
    let whole = uri[at..].rfind("arn:").map_or(&uri[at..], |last| &uri[at + last..]);
    Some(whole.split('/').next().unwrap_or(whole).to_owned())
}

fn of_lambda(event: &str, parameters: &Value, response: &Value, account: &str) -> Option<Parts> {
    if event.contains("Layer") {
        let layer = text(parameters, &["layerName"])?;
        let layer = layer.split(":layer:").last().unwrap_or(layer).split(':').next().unwrap_or(layer);
        let mut deeds = vec![if event == "PublishLayerVersion" { Deed::Created } else { Deed::Changed }];
        if event == "AddLayerVersionPermission" {
            deeds.extend(let_in(text(parameters, &["principal"]), account, "a layer that anybody may use"));
        }
        if event == "DeleteLayerVersion" {
            deeds = vec![Deed::Deleted];
        }
        return Some((id(Kind::Layer, layer), None, deeds, Vec::new()));
    }
    let named = text(parameters, &["functionName"]).or(text(response, &["functionName"])).or(text(response, &["functionArn"]))?;
    // A name, an ARN, or either with a version or an alias behind it.
    let name = named.split(":function:").last().unwrap_or(named).split(':').next().unwrap_or(named);
    let mut deeds = vec![match event {
        "CreateFunction" => Deed::Created,
        "DeleteFunction" if text(parameters, &["qualifier"]).is_none() => Deed::Deleted,
        _ => Deed::Changed,
    }];
    match event {
        "AddPermission" if parameters["functionUrlAuthType"] == "NONE" => deeds.push(Deed::Opened("its URL lets anybody invoke it")),
        "AddPermission" => deeds.extend(let_in(text(parameters, &["principal"]), account, "anybody may invoke it")),
        "CreateFunctionUrlConfig" | "UpdateFunctionUrlConfig" if parameters["authType"] == "NONE" => {
            deeds.push(Deed::Opened("a URL without authorization"));
        }
        _ => {}
    }
    if let Some(arn) = text(parameters, &["eventSourceArn"]) {
        let other = arn.split(':').nth(4).unwrap_or_default();
        if crate::arn::is_account_id(other) && other != account {
            deeds.push(Deed::Foreign("it is fed by another account", other.to_owned()));
        }
    }
    let mut ties: Vec<Tie> = text(parameters, &["role"]).map(|role| Tie::Role(role.to_owned())).into_iter().collect();
    ties.extend(text(parameters, &["sourceArn"]).map(|arn| Tie::Caller(arn.to_owned())));
    ties.extend(text(parameters, &["eventSourceArn"]).map(|arn| Tie::Caller(arn.to_owned())));
    Some((id(Kind::Function, name), None, deeds, ties))
}

/// What a permission's principal means: anybody, another account, or nobody new.
fn let_in(principal: Option<&str>, account: &str, anybody: &'static str) -> Option<Deed> {
    let principal = principal?;
    if principal == "*" {
        return Some(Deed::Opened(anybody));
    }
    let other = if principal.starts_with("arn:") { principal.split(':').nth(4).unwrap_or_default() } else { principal };
    let is_other = crate::arn::is_account_id(other) && other != account;
    is_other.then(|| Deed::Foreign("another account was let in", other.to_owned()))
}
