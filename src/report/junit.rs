//! Test results as a JUnit file: a suite a detection, a case a test.

use std::collections::BTreeMap;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::escape;
use super::findings::plain;
use crate::suite::TestResult;

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
