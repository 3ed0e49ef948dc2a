#!/usr/bin/env python3
# tests/schema.py [--short] FOLDER < lines of "PROGRAM<tab>RECORD": whether each record is one that
# FOLDER/PROGRAM.schema describes. A line a violation: program, record, member, reason. --short:
# events of the exchange may be shorter than they are (a test made them up), and what has no e is
# not judged (a test may have bf-sim write its numbers oddly). --seen FILE: the
# records that there were, a line each.
# jsonschema (python3-jsonschema) is the judge; exit 3 without it.
import json
import sys

try:
    from jsonschema import Draft202012Validator as Validator
except ImportError:
    sys.exit(3)

EVENTS = ("market", "account")


class Program:
    def __init__(self, schema):
        Validator.check_schema(schema)
        self.defs = schema["$defs"]
        self.judge = {n: Validator(d) for n, d in self.defs.items()}
        self.passes = "passed" in self.defs

    def candidates(self, record):
        e = record.get("e")
        for name, d in self.defs.items():
            mark = d["properties"].get("e", {}) if name != "passed" else None
            if mark is None:
                continue
            if e is None and "not" in mark:
                yield name
            elif e is not None and e in mark.get("enum", [mark.get("const")]):
                yield name


def where(error):
    return ".".join(str(p) for p in error.absolute_path) or "-"


def judge(name, program, record, short):
    """The definition it is of, or None and what is wrong."""
    best = None
    by = record.get("by")
    if program.passes and record.get("e") is not None and by != name and (by or record["e"] in ("bf.reject", "bf.risk")):
        return "passed", None
    for n in program.candidates(record):
        errors = list(program.judge[n].iter_errors(record))
        if short and program.defs[n]["$comment"] in EVENTS:
            errors = [x for x in errors if x.validator != "required"]
        if not errors:
            return n, None
        if best is None or len(errors) < len(best[1]):
            best = (n, errors)
    if best is not None and (record.get("e") is not None or not short):
        return best[0], "; ".join("%s: %s" % (where(x), x.message[:160]) for x in best[1][:4])
    if not program.passes and str(record.get("e", "")).startswith("bf."):
        return str(record["e"]), "-: no schema of this program has it"
    return "passed", None


def main():
    args = sys.argv[1:]
    short = "--short" in args
    seen_in = args[args.index("--seen") + 1] if "--seen" in args else None
    folder = [a for a in args if a != "--short" and a != "--seen" and a != seen_in][0]
    programs, seen, bad = {}, set(), 0
    for line in sys.stdin.buffer:
        name, _, text = line.decode("utf-8", "replace").partition("\t")
        try:
            record = json.loads(text)
        except ValueError:
            continue
        if not isinstance(record, dict):
            continue
        if name not in programs:
            with open("%s/%s.schema" % (folder, name)) as f:
                programs[name] = Program(json.load(f))
        what, wrong = judge(name, programs[name], record, short)
        if wrong is None:
            seen.add("%s %s" % (name, what))
        else:
            bad += 1
            print("%s\t%s\t%s\t%s" % (name, what, wrong, text.strip()[:300]))
    if seen_in:
        with open(seen_in, "w") as f:
            f.write("".join(s + "\n" for s in sorted(seen)))
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
