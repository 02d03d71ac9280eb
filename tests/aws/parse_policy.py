# What a parser of IAM policies finds in the files that are named: a line each, with the file, the finding and what it is about.
import json, sys, warnings

warnings.simplefilter("ignore")
import parliament

for path in sys.argv[1:]:
    for finding in parliament.analyze_policy_string(open(path).read()).findings:
        print(path.rsplit("/", 1)[-1], finding.issue, json.dumps(finding.detail))
