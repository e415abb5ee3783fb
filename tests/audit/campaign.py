"""Does to exports what the campaign did to them, and compares the words of the verifier in examples/.

    campaign.py VERIFY.PY FOLDER VERIFIER-KEY

FOLDER has N.jsonl, and N.words with lines "WHAT PLACE WORD"."""
import importlib.util, pathlib, sys

spec = importlib.util.spec_from_file_location("verify", sys.argv[1])
verify = importlib.util.module_from_spec(spec)
spec.loader.exec_module(verify)


def changed(data, lines, what, at):
    if what == "byte":
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]
    if what == "remove":
        lines = lines[:at] + lines[at + 1:]
    elif what == "double":
        lines = lines[:at] + lines[at:at + 1] + lines[at:]
    elif what == "cut":
        lines = lines[:at]
    elif what == "swap":
        lines = lines[:at] + [lines[at + 1], lines[at]] + lines[at + 2:]
    return b"".join(lines)


count = wrong = 0
for words in sorted(pathlib.Path(sys.argv[2]).glob("*.words")):
    data = words.with_suffix(".jsonl").read_bytes()
    lines = [line + b"\n" for line in data.split(b"\n")[:-1]]
    for line in words.read_text().splitlines():
        what, at, expected = line.split()
        verifier = verify.Verifier(sys.argv[3])
        word = verifier.verify(changed(data, lines, what, int(at)))
        count += 1
        if word != expected:
            wrong += 1
            print(f"{words.stem}: {what} {at}: {word}, wanted {expected}: {verifier.words}"
                  f" near {data[max(int(at) - 30, 0):int(at) + 10]!r}")
print(f"the other verifier: {count} changes, {wrong} with another word")
sys.exit(1 if wrong or not count else 0)
