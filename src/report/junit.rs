//! Test results as a JUnit file: a suite a detection, a case a test.

use std::collections::BTreeMap;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::escape;
use super::findings::plain;
use crate::chain::{Chain, Link, Verdict};
use crate::suite::TestResult;

/// Chains as a JUnit file: a suite a detection, a case a link. What could not be read is skipped, never passed.
///
/// # Errors
/// The writer fails.
pub fn junit_chains(chains: &[Chain]) -> io::Result<Vec<u8>> {
    let all = || chains.iter().flat_map(|chain| &chain.links);
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let (tests, failures, skipped) = tallies(all());
    let root = writer.create_element("testsuites").with_attributes([
        ("name", "trailarm doctor"),
        ("tests", &*tests),
        ("failures", &*failures),
        ("skipped", &*skipped),
    ]);
    root.write_inner_content(|writer| {
        chains.iter().try_for_each(|chain| {
            let (tests, failures, skipped) = tallies(chain.links.iter());
            let element = writer.create_element("testsuite").with_attributes([
                ("name", &*chain.detection),
                ("tests", &*tests),
                ("failures", &*failures),
                ("skipped", &*skipped),
            ]);
            element.write_inner_content(|writer| chain.links.iter().try_for_each(|one| link(writer, &chain.detection, one))).map(drop)
        })
    })?;
    Ok(writer.into_inner())
}

fn tallies<'a>(links: impl Iterator<Item = &'a Link> + Clone) -> (String, String, String) {
    let count = |wanted: fn(Verdict) -> bool| links.clone().filter(|link| wanted(link.verdict)).count().to_string();
    (count(|_| true), count(|verdict| verdict == Verdict::Broken), count(is_skipped))
}

fn is_skipped(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Unknown | Verdict::Waiting | Verdict::Without)
}

fn link(writer: &mut Writer<Vec<u8>>, detection: &str, link: &Link) -> io::Result<()> {
    let title = link.title();
    let (says, title) = (escape(&link.says), escape(&title));
    let element = writer.create_element("testcase").with_attributes([("classname", detection), ("name", &*title)]);
    let name = match link.verdict {
        Verdict::Broken => "failure",
        verdict if is_skipped(verdict) => "skipped",
        _ => return element.write_empty().map(drop),
    };
    let message = |writer: &mut Writer<Vec<u8>>| {
        let message = writer.create_element(name).with_attributes([("message", &*says)]);
        message.write_text_content(BytesText::new(&escape(&link.remedy))).map(drop)
    };
    element.write_inner_content(message).map(drop)
}

/// Writes the file's content.
///
/// # Errors
/// The writer fails.
pub fn junit(results: &[TestResult]) -> io::Result<Vec<u8>> {
    let mut suites: BTreeMap<&str, Vec<&TestResult>> = BTreeMap::new();
    for result in results {
        suites.entry(&result.address).or_default().push(result);
    }
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let (tests, failures) = counts(results.iter());
    let all = writer.create_element("testsuites").with_attributes([("name", "trailarm"), ("tests", &*tests), ("failures", &*failures)]);
    all.write_inner_content(|writer| suites.iter().try_for_each(|(address, results)| suite(writer, address, results)))?;
    Ok(writer.into_inner())
}

fn counts<'a>(results: impl Iterator<Item = &'a TestResult> + Clone) -> (String, String) {
    (results.clone().count().to_string(), results.filter(|result| !result.passed()).count().to_string())
}

fn suite(writer: &mut Writer<Vec<u8>>, address: &str, results: &[&TestResult]) -> io::Result<()> {
    let (tests, failures) = counts(results.iter().copied());
    let element = writer.create_element("testsuite").with_attributes([("name", address), ("tests", &*tests), ("failures", &*failures)]);
    element.write_inner_content(|writer| results.iter().try_for_each(|result| case(writer, result)))?;
    Ok(())
}

fn case(writer: &mut Writer<Vec<u8>>, result: &TestResult) -> io::Result<()> {
    let (line, _) = result.at.line_column();
    let (name, line) = (escape(&result.name), line.to_string());
    let attributes = [("classname", &*result.address), ("name", &*name), ("file", &*result.at.source.name), ("line", &*line)];
    let element = writer.create_element("testcase").with_attributes(attributes);
    if result.passed() {
        return element.write_empty().map(drop);
    }
    element
        .write_inner_content(|writer| {
            result.failures.iter().try_for_each(|finding| {
                let message = escape(&finding.message);
                let failure = writer.create_element("failure").with_attributes([("type", finding.code.text()), ("message", &*message)]);
                failure.write_text_content(BytesText::new(&plain(finding))).map(drop)
            })
        })
        .map(drop)
}
