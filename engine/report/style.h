#pragma once

#include <string_view>

namespace drydock::report {

// The look of the HTML report: narrow enough for a phone, light or dark as the reader's system is,
// black on white in print. Colours are never the only sign: each state is written out.
inline constexpr std::string_view kStyle = R"css(
:root { --text: #1c2024; --quiet: #60646c; --back: #ffffff; --soft: #f0f1f4; --rule: #d9dce1;
  --good: #18794e; --bad: #c62a2f; --odd: #946800; }
@media (prefers-color-scheme: dark) { :root { --text: #edeef0; --quiet: #b0b4ba; --back: #111113;
  --soft: #212225; --rule: #363a3f; --good: #3dd68c; --bad: #ff9592; --odd: #f5d90a; } }
@media print { :root { --text: #000; --quiet: #444; --back: #fff; --soft: #eee; --rule: #bbb;
  --good: #063; --bad: #900; --odd: #640; } section { break-inside: avoid; } }
* { box-sizing: border-box; }
body { margin: 0; color: var(--text); background: var(--back);
  font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 50rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; padding-top: .75rem;
  border-top: 1px solid var(--rule); }
h3 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
p { margin: .25rem 0; overflow-wrap: anywhere; white-space: pre-wrap; }
.title { margin-bottom: 1rem; }
.quiet { color: var(--quiet); }
.state { font-weight: 600; }
.state.good { color: var(--good); } .state.bad { color: var(--bad); }
.state.odd { color: var(--odd); } .state.quiet { color: var(--quiet); font-weight: 400; }
dl { display: grid; grid-template-columns: minmax(6rem, max-content) 1fr; gap: .15rem 1rem;
  margin: .5rem 0; }
dt { color: var(--quiet); grid-column: 1; overflow-wrap: anywhere; max-width: 14rem; }
dd { margin: 0; grid-column: 2; overflow-wrap: anywhere; white-space: pre-wrap; }
.values { font-family: ui-monospace, monospace; font-size: .85rem; }
section { padding: .75rem 0; border-top: 1px solid var(--rule); }
section header { display: flex; flex-wrap: wrap; gap: 0 .75rem; align-items: baseline; }
header b { overflow-wrap: anywhere; }
.track { position: relative; height: .75rem; margin: .4rem 0; border-radius: .2rem;
  background: var(--soft); overflow: hidden; }
.track i { position: absolute; top: 0; bottom: 0; min-width: 3px; border-radius: .2rem;
  background: var(--quiet); print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.track i.good { background: var(--good); } .track i.bad { background: var(--bad); }
.track i.odd { background: var(--odd); }
blockquote { margin: .5rem 0; padding: .1rem .75rem; border-left: 3px solid var(--rule);
  overflow-wrap: anywhere; white-space: pre-wrap; }
ul { margin: .25rem 0; padding-left: 1.25rem; }
li { overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
td { padding: .2rem .75rem .2rem 0; vertical-align: top; overflow-wrap: anywhere; }
td.when { white-space: nowrap; color: var(--quiet); font-variant-numeric: tabular-nums; }
)css";

}  // namespace drydock::report
