#!/usr/bin/env python3
"""Verifies an export of a Drydock journal without Drydock: Python's standard library, and the openssl
command for signatures. Written from docs/journal_format.md alone.
    verify.py EXPORT [--key VERIFIER-KEY] [--head FILE]...
Prints what is wrong, and the verdict. Exit status: 0 for ok, else 8."""
import argparse, base64, hashlib, itertools, json, pathlib, subprocess, sys, tempfile

GRAVER = ["ok", "truncated", "gap", "altered", "forked", "unknown"]
PLACES = {"drydock_export_end": 4, "drydock_export": 0, "head": 1, "ledger": 2, "line": 3}  # by what a line has
BROKEN = (ValueError, KeyError, TypeError, IndexError, AttributeError, StopIteration)
def sha(data): return hashlib.sha256(data).digest()
def b64(data): return base64.b64encode(data).decode()
def unb64(text): return base64.b64decode(text, validate=True)
def tree_roots(lines):
    """RFC 6962: the root for each number of lines. `full` are the full subtrees, the largest first."""
    roots, full = [sha(b"")], []
    for index, line in enumerate(lines):
        node = sha(b"\0" + line.encode())
        while index & 1:
            node, index = sha(b"\1" + full.pop() + node), index >> 1
        root, full = node, full + [node]
        for left in reversed(full[:-1]):
            root = sha(b"\1" + left + root)
        roots.append(root)
    return roots
def read_note(note):
    text, empty, signatures = note.partition("\n\n")
    origin, size, root = text.split("\n")
    found = [line.split(" ") for line in signatures.removesuffix("\n").split("\n")]
    if not signatures.endswith("\n") or str(int(size)) != size or any(dash != "\u2014" for dash, _, _ in found):
        raise ValueError("no head")
    return (text + "\n").encode(), origin, int(size), unb64(root), [(name, unb64(data)) for _, name, data in found]
def is_signed(text, signature, public):
    with tempfile.TemporaryDirectory() as folder:
        for name, data in ("key", bytes.fromhex("302a300506032b6570032100") + public), ("sig", signature), ("text", text):
            pathlib.Path(folder, name).write_bytes(data)
        return subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key", "-rawin",
                               "-sigfile", "sig", "-in", "text"], cwd=folder, capture_output=True).returncode == 0
def run_of(record):
    try:
        return json.loads(record["line"])["run"]
    except BROKEN:
        return None
def body_is_right(entry, record):
    salted = unb64(record.get("salt", "")) + record.get("body", "").encode()
    return "body" not in record or entry.get("body") == b64(sha(salted))
class Verifier:
    def __init__(self, key=None):
        name, key_id, public = key.strip().split("+", 2) if key else ("", "", "")
        self.key = key and (name, bytes.fromhex(key_id), unb64(public)[1:])
        self.words, self.journal = [], None
    def found(self, word, *what):
        self.words.append((word, " ".join(map(str, what))))

    def ledger(self, records, expected):
        """What the ledger says about runs, by id; None when it is damaged and so no witness."""
        runs, newest = {}, 0
        for index, record in enumerate(records):
            try:
                entry = json.loads(record["ledger"])
                if entry["idx"] > index:
                    return self.found("gap", "ledger: lines are missing from", index)
                kind, good = entry["kind"], entry["idx"] == index and body_is_right(entry, record)
                good = good and ("body" in record) == ("body" in entry) and (index == 0) == (kind == "genesis")
                good = good and (kind != "genesis" or expected is None or entry["journal"] == self.journal)
                if kind != "genesis":
                    if kind == "seal" and entry["run"] not in runs:
                        good, newest = good and entry["n"] > newest, entry["n"]
                        runs[entry["run"]] = {"n": newest, "seals": [], "erased": [], "pruned": False}
                    run, seq = runs[entry["run"]], entry["seq"]
                    end, last = (seq, unb64(entry.get("leaf", "")), entry.get("event")), (run["seals"] or [(0, b"", "")])[-1]
                    good = good and run["n"] == entry["n"] and not run["pruned"] and (kind != "seal" or seq > last[0])
                    if kind == "seal":
                        run["seals"].append(end)
                    elif kind == "erase":
                        good = good and last[2] == "RunEnded" and 1 <= seq <= entry["last"] <= last[0]
                        run["erased"].append(range(seq, entry["last"] + 1))
                    else:
                        good = good and kind == "prune" and last[2] == "RunEnded" and end == last
                        run["pruned"] = True
            except BROKEN:
                good = False
            if not good:
                return self.found("altered", "ledger: line", index)
        if expected is not None and len(records) != expected:
            return self.found("truncated" if len(records) < expected else "altered", "ledger: has", len(records))
        return runs

    def chain(self, name, records, known):
        """Follows a run. `known` is what the ledger has of it, or None. Returns how many events have no seal."""
        prev, seq, time, term, sealed = b64(sha(b"drydock-run-v1\n" + name.encode())), 0, 0, 0, 0
        seals = list(known["seals"]) if known else []
        for record in records:
            try:
                event = {"time": 0, "term": 0, **json.loads(record["line"])}
                number, leaf = event["seq"], sha(record["line"].encode())
                if number > seq + 1 and event["prev"] != prev:
                    return self.found("gap", name, "events are missing from", seq + 1) or 0
                good = (number, event["prev"], event["v"]) == (seq + 1, prev, 1) and body_is_right(event, record)
                good = good and event["time"] >= time and event["term"] >= term
                if known and "body" in event and "body" not in record:
                    good = good and any(number in erased for erased in known["erased"])
                if good and seals and seals[0][0] == number:
                    good, sealed = seals.pop(0)[1:] == (leaf, event["kind"]), number
            except BROKEN:
                good = False
            if not good:
                return self.found("altered", name, "event", seq + 1) or 0
            prev, seq, time, term = b64(leaf), number, event["time"], event["term"]
        if seals:
            self.found("truncated", name, "ends at event", seq, "but was sealed at", seals[-1][0])
        return seq - sealed

    def events(self, records, runs):
        unsealed, order, tail = None, 0, 0
        for name, group in itertools.groupby(records, key=run_of):
            known = runs.get(name) if runs is not None else None
            if name is None or known and (known["n"] <= order or known["pruned"] or unsealed):
                self.found("altered", name, "is no run, or out of order, or pruned, or follows one without a seal")
            if known:
                known["seen"], order = True, max(order, known["n"])
            unsealed = unsealed or (name if runs is not None and not known else None)
            tail += self.chain(str(name), group, known)
        if unsealed:
            self.found("truncated", "the ledger ends before run", unsealed)
        return tail

    def head(self, note, roots):
        try:
            text, origin, size, root, signatures = read_note(note)
        except BROKEN:
            return self.found("altered", "this is no head")
        if self.key:
            ours = [data[4:] for name, data in signatures if (name, data[:4]) == self.key[:2]]
            if not any(is_signed(text, signature, self.key[2]) for signature in ours):
                return self.found("altered" if ours else "unknown", "the pinned key has not signed the head at", size)
        if origin != f"drydock.journal/{self.journal}":
            self.found("forked", "the head is of another log:", origin)
        elif size >= len(roots):
            self.found("truncated", "the head at", size, "is later than the ledger, which has", len(roots) - 1)
        elif root != roots[size]:
            self.found("forked", "the head at", size, "has another root")

    def verify(self, data, given=()):
        lines, records = data.split(b"\n"), []
        cut = lines.pop()
        for number, raw in enumerate(lines, 1):
            try:
                record = json.loads(raw)
                place = next(place for key, place in PLACES.items() if key in record)
                written = json.dumps(record, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
            except BROKEN:
                written = None
            if written != raw or {record.get(key, 2) for key in PLACES if "export" in key} != {2}:
                self.found("altered", "line", number)
                break
            records.append((place, record))
        places = [place for place, _ in records]
        of = {place: [record for at, record in records if at == place] for place in range(5)}
        header, end = (of[0] or [{}])[0], (of[4] or [None])[-1]
        if places != sorted(places) or len(of[0]) > 1 or len(of[4]) > 1 or cut and end:
            self.found("altered", "lines are out of order, or follow the last one")
        if lines and not of[0]:
            self.found("gap", "the first line is missing")
        if end is None:  # a whole line and one byte more is no cut
            self.found("altered" if cut[-2:-1] == b"}" else "truncated", "the last line is missing")
        self.journal = header.get("journal")
        runs = self.ledger(of[2], header.get("ledger"))
        self.tail = self.events(of[3], runs)
        if end:
            missing = [end.get(name, -1) - len(of[place]) for name, place in (("heads", 1), ("ledger", 2), ("events", 3))]
            before = b"".join(line + b"\n" for line in lines[:places.index(4)])
            same = hashlib.sha256(before).hexdigest() == end.get("sha256")
            if min(missing) < 0 or max(missing) > 0 and same or max(missing) == 0 and not same and of[0]:
                self.found("altered", "the last line names other bytes")
            lost = [name for name, run in (runs or {}).items() if not run["pruned"] and not run.get("seen")]
            if lost and "run" not in header:
                self.found("gap", "missing runs:", *lost)
            if max(missing) > 0 and not self.words:
                self.found("gap", "lines are missing")
        if not self.words:
            roots = tree_roots([record["ledger"] for record in of[2]])
            for note in list(given) + [record["head"] for record in of[1]]:
                self.head(note, roots)
        return max((word for word, _ in self.words), key=GRAVER.index, default="ok")

def main():
    options = argparse.ArgumentParser(description="Verify an export of a Drydock journal.")
    options.add_argument("export", type=argparse.FileType("rb"))
    options.add_argument("--key")
    options.add_argument("--head", action="append", default=[], type=argparse.FileType(encoding="utf-8"))
    asked = options.parse_args()
    verifier = Verifier(asked.key)
    word = verifier.verify(asked.export.read(), [head.read() for head in asked.head])
    print(*(f"{finding}  {what}\n" for finding, what in verifier.words), sep="", end="")
    print(f"{word}  {asked.export.name}: {verifier.tail} events are not sealed yet")
    sys.exit(0 if word == "ok" else 8)

if __name__ == "__main__":
    main()
