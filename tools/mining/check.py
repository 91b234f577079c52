"""Compares what pm4py, a JSON schema and DuckDB read in our exports with what CaseLedger says.

Called by tools/check-mining, which has the environment and the arguments.
"""

import argparse
import collections
import csv
import gzip
import itertools
import json
import os
import pathlib
import re
import subprocess
import sys
import warnings

os.environ["PM4PY_SHOW_PROGRESS_BAR"] = "False"

warnings.filterwarnings("ignore")
import duckdb  # noqa: E402
import jsonschema  # noqa: E402
import pandas  # noqa: E402
import pm4py  # noqa: E402
from pm4py.objects.ocel.validation import ocel20_rel_validation  # noqa: E402

CASE, NAME, TIME = "case:concept:name", "concept:name", "time:timestamp"
HOLDERS = {"agent": "holderAgent", "team": "holderTeam", "tier": "holderTier", "site": "holderSite"}
failures = []


def say(text=""):
    print(text, flush=True)


def check(what, found, expected):
    """Says whether two figures are the same."""
    same = found == expected
    if not same:
        failures.append(what)
    shown = found if len(str(found)) < 60 else f"{str(found)[:57]}..."
    say(f"  {'equal ' if same else 'DIFFER'}  {what}: {shown}"
        + ("" if same else f" (expected {str(expected)[:300]})"))


def run(*arguments, output=None):
    """Runs the program; its standard output, or a file of it."""
    command = [options.program, *map(str, arguments)]
    with open(output, "wb") if output else open("/dev/null", "rb") as file:
        done = subprocess.run(command, stdout=file if output else subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        sys.exit(f"check: {' '.join(command)} ended with {done.returncode}: {done.stderr.decode()}")
    return b"" if output else done.stdout


def changes(values):
    """Neighbouring different values; what is not stated never ends a span."""
    stated = [value for value in values if value is not None and value == value and value != ""]
    return sum(1 for one, other in itertools.pairwise(stated) if one != other)


def handovers(frame, column):
    """Pairs (from, to) and how often, by pm4py's handover-of-work network."""
    frame = frame[frame[column].notna() & (frame[column] != "") & (frame[column] != "?")]
    frame = frame[frame.groupby(CASE)[CASE].transform("size") > 1]
    if len(frame) == 0:
        return {}
    network = pm4py.discover_handover_of_work_network(frame, resource_key=column)
    neighbours = len(frame) - frame[CASE].nunique()
    return {pair: round(weight * neighbours) for pair, weight in network.connections.items()
            if pair[0] != pair[1] and round(weight * neighbours) > 0}


def sequences(frame, column):
    """How often each sequence of values occurs, cases in file order."""
    return collections.Counter(frame.groupby(CASE, sort=False)[column].agg(tuple))


class Ledger:
    """A ledger and its exports."""

    def __init__(self, name):
        self.path = options.work / name
        say(f"\n{name}")

    def make(self, site="check.example/desk"):
        run("init", self.path, "--site", site)

    def export(self):
        """Writes all forms and reads our own figures."""
        files = {end: self.path.with_suffix(f".{end}") for end in ("xes", "json", "sqlite", "cases.csv", "events.csv")}
        run("export", "--format", "xes", "--ledger", self.path, "--output", files["xes"])
        run("export", "--format", "ocel2", "--ledger", self.path, "--output", files["json"])
        run("export", "--format", "ocel2", "--ledger", self.path, "--output", files["sqlite"])
        run("query", "cases", "--ledger", self.path, "--output", files["cases.csv"])
        run("query", "events", "--ledger", self.path, "--output", files["events.csv"])
        self.files = files
        lines = run("cases", "--facts", "--json", "--ledger", self.path).splitlines()
        self.facts = {fact["case"]: fact for fact in map(json.loads, lines)}
        self.metrics = json.loads(run("metrics", "--json", "--ledger", self.path))["figures"]
        self.events = pandas.read_csv(files["events.csv"], dtype=str, keep_default_na=False)

    def sum(self, field):
        return sum(fact.get(field, 0) for fact in self.facts.values())


def compare_xes(ledger, reference, handover_columns):
    log = pm4py.read_xes(str(ledger.files["xes"]))
    log = pm4py.format_dataframe(log) if NAME not in log else log
    ledger.log = log
    check("XES: cases", log[CASE].nunique(), len(ledger.facts))
    check("XES: events", len(log), ledger.sum("events"))
    inverted = {name for name, fact in ledger.facts.items()
                if any(flag["rule"] == "clockInverted" for flag in fact["flags"])}
    ends = log.groupby(CASE)[TIME].agg(["first", "last"])
    seconds = (ends["last"] - ends["first"]).dt.total_seconds().round(3).to_dict()
    ours = {name: round(fact["durationSeconds"], 3) for name, fact in ledger.facts.items()}
    check("XES: duration of each case, first row to last", seconds == ours, True)
    straight = log[~log[CASE].isin(inverted)]
    theirs = sorted(round(value, 3) for value in pm4py.get_all_case_durations(straight))
    check(f"XES: pm4py's durations ({len(inverted)} cases with a clock that went back left out)",
          theirs == sorted(value for name, value in ours.items() if name not in inverted), True)
    for level, column in handover_columns.items():
        pairs = handovers(log, column)
        check(f"XES: pm4py's handovers between {level}s", sum(pairs.values()), ledger.sum(f"{level}Handoffs"))
        if reference and level in ("agent", "team"):
            short = "resource" if level == "agent" else "group"
            check(f"XES: the same as the reference for {short}s", sum(pairs.values()),
                  sum(int(row[f"handovers_{short}"]) for row in reference["cases"].values()))
    activity = "lifecycle:transition" if "activity" in handover_columns else NAME
    return log, activity


def compare_variants(ledger, log, column, expected=None):
    ours = collections.Counter(ledger.events.groupby("case", sort=False)["activity"].agg(tuple))
    theirs = sequences(log, column)
    check(f"variants by {column}, against query events", theirs == ours, True)
    if expected is not None:
        check("variants, against the reference", len(theirs), expected)


def compare_reference(ledger, reference):
    """Every case against the independent answers."""
    names = {"events": "events", "duration_s": "durationSeconds", "handovers_resource": "agentHandoffs",
             "handovers_group": "teamHandoffs", "pingpong_resource": "agentPingPongs",
             "pingpong_group": "teamPingPongs", "reopens": "reopens", "returns_resource": "agentReturns",
             "returns_group": "teamReturns", "resources": "agents", "groups": "teams",
             "ttr_first_s": "toFirstResolvedSeconds", "ttr_last_s": "toLastTerminalSeconds"}
    table = {row["case"]: row for row in csv.DictReader(open(ledger.files["cases.csv"], newline=""))}
    check("query cases: cases", table.keys() == reference["cases"].keys(), True)
    for theirs, ours in names.items():
        wrong = [name for name, row in reference["cases"].items()
                 if (float(row[theirs]) if row[theirs] else None)
                 != (float(table[name][ours]) if table[name][ours] else None)]
        check(f"query cases: {ours} of every case", len(wrong), 0)


def compare_ocel(ledger):
    logs = {"JSON": pm4py.read_ocel2_json(str(ledger.files["json"])),
            "SQLite": pm4py.read_ocel2_sqlite(str(ledger.files["sqlite"]))}
    document = json.load(open(ledger.files["json"]))
    schema = json.load(open(pathlib.Path(__file__).with_name("ocel20-schema.json")))
    errors = list(itertools.islice(jsonschema.Draft7Validator(schema).iter_errors(document), 5))
    check("OCEL JSON: breaches of the published schema", len(errors), 0)
    declared = {kind["name"]: {one["name"] for one in kind["attributes"]}
                for kind in document["eventTypes"] + document["objectTypes"]}
    used = [(one["type"], field["name"]) for one in document["events"] + document["objects"]
            for field in one["attributes"]]
    check("OCEL JSON: attributes that no type declares",
          sum(1 for kind, name in used if name not in declared.get(kind, ())), 0)
    ids = {one["id"] for one in document["objects"]}
    dangling = sum(1 for one in document["events"] + document["objects"]
                   for link in one["relationships"] if link["objectId"] not in ids)
    check("OCEL JSON: links that lead nowhere", dangling, 0)
    _, broken = ocel20_rel_validation.apply(str(ledger.files["sqlite"]))
    check("OCEL SQLite: constraints of the standard that do not hold", broken, [])
    integrity = duckdb_sqlite_pairs(ledger.files["sqlite"])
    check("OCEL SQLite: foreign keys that lead nowhere", integrity, 0)
    one, other = logs["JSON"], logs["SQLite"]
    check("OCEL: events, JSON and SQLite", len(one.events), len(other.events))
    check("OCEL: objects, JSON and SQLite", len(one.objects), len(other.objects))
    pairs = [set(map(tuple, log.relations[["ocel:eid", "ocel:oid"]].astype(str).values)) for log in logs.values()]
    check("OCEL: event-object pairs, JSON and SQLite", pairs[0] == pairs[1], True)
    related = [set() if log.o2o is None else set(map(tuple, log.o2o.astype(str).values)) for log in logs.values()]
    check("OCEL: object-object relations, JSON and SQLite", related[0] == related[1], True)
    for form, log in logs.items():
        compare_flat(ledger, form, log)
    check("OCEL: holders of every case over time", *holder_changes(ledger, document))


def duckdb_sqlite_pairs(path):
    import sqlite3
    with sqlite3.connect(path) as database:
        return len(database.execute("PRAGMA foreign_key_check").fetchall())


def compare_flat(ledger, form, log):
    """The log flattened to cases, against our figures."""
    flat = pm4py.ocel_flattening(log, "case")
    flat["step"] = pandas.to_numeric(flat["step"])
    flat["case"] = flat[CASE].str.removeprefix("case:")
    check(f"OCEL {form}, flattened: cases", flat["case"].nunique(), len(ledger.facts))
    check(f"OCEL {form}, flattened: events", len(flat), len(ledger.events))
    ours = ledger.events.assign(step=pandas.to_numeric(ledger.events["step"]))
    # A contact of two cases has its place in the first of them.
    steps = ours.drop_duplicates("id").set_index("id")["step"]
    check(f"OCEL {form}: places in the story", dict(zip(flat["ocel:eid"].astype(str), flat["step"])) == steps.to_dict(), True)
    known = ours.set_index(["case", "id"])["step"].to_dict()
    flat["place"] = [known[pair] for pair in zip(flat["case"], flat["ocel:eid"].astype(str))]
    flat = flat.sort_values(["case", "place"])
    theirs = collections.Counter(flat.groupby("case")[NAME].agg(tuple))
    expected = collections.Counter(ours.groupby("case")["activity"].agg(tuple))
    check(f"OCEL {form}, flattened: variants", theirs == expected, True)
    ends = flat.groupby("case")[TIME].agg(["first", "last"])
    seconds = (ends["last"] - ends["first"]).dt.total_seconds().round(3).to_dict()
    check(f"OCEL {form}, flattened: duration of each case",
          seconds == {name: round(fact["durationSeconds"], 3) for name, fact in ledger.facts.items()}, True)
    for level in HOLDERS:
        found = flat["handoffLevels"].fillna("").str.split(",").map(lambda levels: level in levels).sum() \
            if "handoffLevels" in flat else 0
        check(f"OCEL {form}, flattened: handoffs between {level}s", int(found), ledger.sum(f"{level}Handoffs"))


def holder_changes(ledger, document):
    """The holders that the case objects show, and those of query events, as (ours, theirs)."""
    theirs, ours = {}, {}
    for thing in document["objects"]:
        if thing["type"] != "case":
            continue
        for field in thing["attributes"]:
            if field["name"] in HOLDERS.values():
                theirs.setdefault((thing["name"] if "name" in thing else thing["id"][5:], field["name"]), []).append(field["value"])
    for column in HOLDERS.values():
        for name, values in ledger.events.groupby("case", sort=False)[column]:
            runs = [value for value, _ in itertools.groupby(values)]
            runs = runs[1:] if runs and runs[0] == "" else runs
            if runs:
                ours[(name, column)] = runs
    return theirs == ours, True


def compare_duckdb(ledger):
    """The queries of README.md against `metrics`."""
    text = pathlib.Path(options.readme).read_text()
    blocks = re.findall(r"```sql\n(.*?)```", text, re.S)
    if not blocks:
        check("README: a DuckDB query", 0, 1)
    for block in blocks:
        query = block.replace("'cases.csv'", f"'{ledger.files['cases.csv']}'") \
                     .replace("'events.csv'", f"'{ledger.files['events.csv']}'")
        row = duckdb.sql(query).fetchdf().iloc[0].to_dict()
        figures = ledger.metrics
        teams = figures["teams"]
        expected = {
            "cases": figures["cases"], "medianDays": figures["duration"]["median"] / 86400,
            "p90Days": figures["duration"]["p90"] / 86400, "handoffs": teams["handoffs"],
            "pingPongRate": teams["pingPongCases"] / teams["twoHandoffCases"] if teams["twoHandoffCases"] else None,
        }
        for name, value in row.items():
            known = expected.get(name)
            if pandas.isna(value):
                check(f"DuckDB: {name} of the README's query", None, known)
            else:
                close = known is not None and abs(value - known) <= 1e-9 * abs(known)
                check(f"DuckDB: {name} of the README's query", value if close else known, value)


def reference(name):
    path = options.shared / "data" / "reference" / f"{name}.cases.csv.gz"
    if not path.exists():
        say(f"  skipped: {path} is not there, so no independent answers")
        return None
    with gzip.open(path, "rt", newline="") as file:
        cases = {row["case"]: row for row in csv.DictReader(file)}
    figures = json.load(open(options.shared / "data" / "reference" / f"{name}.json"))
    return {"cases": cases, "figures": figures}


def check_bpi():
    source = options.shared / "data" / "BPI_Challenge_2013_incidents.xes.gz"
    if not source.exists():
        return say(f"\nskipped: BPI 2013, {source} is not there")
    ledger = Ledger("bpi2013")
    ledger.make()
    run("import", source, "--ledger", ledger.path, "--preset", "bpi2013-incidents")
    ledger.export()
    answers = reference("bpic2013_incidents")
    log, _ = compare_xes(ledger, answers, {"agent": "org:resource", "team": "org:group"})
    compare_variants(ledger, log, "lifecycle:transition")
    if answers:
        check("variants by concept:name, pm4py's own, against the reference", len(pm4py.get_variants(log)),
              answers["figures"]["variants_activity"])
        both = log[NAME] + "+" + log["lifecycle:transition"]
        check("variants with sub-status, against the reference",
              len(sequences(log.assign(both=both), "both")), answers["figures"]["variants_activity_lifecycle"])
        top = handovers(log, "org:group")
        check("handovers G96 to G97, D5 to D4, S42 to S43",
              [top.get(pair) for pair in (("G96", "G97"), ("D5", "D4"), ("S42", "S43"))], [255, 123, 100])
        compare_reference(ledger, answers)
    compare_ocel(ledger)
    compare_duckdb(ledger)


def check_uci():
    source = options.shared / "data" / "uci_incident_event_log.zip"
    if not source.exists():
        return say(f"\nskipped: UCI, {source} is not there")
    ledger = Ledger("uci")
    ledger.make()
    unpacked = options.work / "uci.csv"
    with open(unpacked, "wb") as file:
        subprocess.run(["unzip", "-p", source], stdout=file, check=True)
    run("import", unpacked, "--ledger", ledger.path, "--preset", "servicenow-incidents")
    ledger.export()
    answers = reference("uci_incident")
    log, _ = compare_xes(ledger, answers, {"agent": "org:resource", "team": "org:group"})
    compare_variants(ledger, log, NAME, answers and answers["figures"]["variants_activity"])
    if answers:
        top = handovers(log, "org:group")
        pairs = [("20", "70"), ("70", "39"), ("70", "20")]
        check("handovers Group 20 to 70, 70 to 39, 70 to 20",
              [top.get((f"Group {one}", f"Group {other}")) for one, other in pairs], [1088, 1060, 1056])
        compare_reference(ledger, answers)
    compare_ocel(ledger)
    compare_duckdb(ledger)


def check_simulated():
    sites = [options.work / name for name in ("berlin", "manila", "halifax")]
    flags = [flag for site in sites for flag in ("--ledger", site)]
    run("simulate", "--seed", options.seed, "--cases", options.cases, "--days", 60, "--sync", *flags)
    ledger = Ledger("berlin")
    ledger.export()
    columns = {level: f"caseledger:{name}" for level, name in HOLDERS.items()}
    log, _ = compare_xes(ledger, None, {})
    compare_variants(ledger, log, NAME)
    levels = log.get("caseledger:handoffLevels", pandas.Series([""] * len(log))).fillna("").str.split(",")
    for level in columns:
        check(f"XES: handoffs between {level}s", int(levels.map(lambda found: level in found).sum()),
              ledger.sum(f"{level}Handoffs"))
    # A final report gives the case back to its owner: the holder changes, and it is no handoff.
    back = set(log[log[NAME] == "escalation.reportedBack"][CASE])
    plain = log[~log[CASE].isin(back)]
    for level, column in columns.items():
        check(f"XES: pm4py's handovers between {level}s, {len(back)} cases with a report back left out",
              sum(handovers(plain, column).values()),
              sum(fact[f"{level}Handoffs"] for name, fact in ledger.facts.items() if name not in back))
    compare_ocel(ledger)
    compare_duckdb(ledger)


parser = argparse.ArgumentParser()
for name in ("program", "readme"):
    parser.add_argument(f"--{name}", required=True)
for name in ("work", "shared"):
    parser.add_argument(f"--{name}", required=True, type=pathlib.Path)
for name in ("cases", "seed"):
    parser.add_argument(f"--{name}", type=int, required=True)
parser.add_argument("--only", default="simulated,bpi2013,uci")
options = parser.parse_args()
checks = {"simulated": check_simulated, "bpi2013": check_bpi, "uci": check_uci}
say(f"pm4py {pm4py.__version__}, duckdb {duckdb.__version__}")
for name in options.only.split(","):
    checks[name]()
say(f"\n{'all equal' if not failures else str(len(failures)) + ' differ: ' + '; '.join(failures)}")
sys.exit(1 if failures else 0)
