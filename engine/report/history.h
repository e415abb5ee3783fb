#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

// A run as it is told afterwards: what a report is written from. Plain values; texts are the run's
// own, as its journal keeps them (secrets are masked there), and are escaped by who writes them.
// Times are wall clock, microseconds; 0: not yet.
namespace drydock::report {

struct Attempt {
    std::int64_t n = 0;
    std::int64_t began = 0, ended = 0;
    std::string outcome;  // "succeeded", "retry", "cut", …; empty: it runs
    std::string error, hint;
};

struct Answer {
    std::string who, verdict, comment;
    std::int64_t at = 0;
    std::vector<std::pair<std::string, std::string>> form;
    std::vector<std::string> signed_items;  // their texts
};
struct Gate {
    std::string prompt, by;
    std::int64_t need = 0, opened = 0, due = 0;
    std::vector<std::pair<std::string, std::string>> items;  // text, what was found
    std::vector<Answer> answers;
};

struct Step {
    std::string scope;           // "do/backup", its name in the journal
    std::string id;              // "backup", "regions item 2", "undo of backup"
    std::string title;           // empty: none
    std::string part;            // "steps", "undo", "finally"
    std::string status, remark;  // remark: why it was skipped, how it was settled
    std::string effect;
    std::int64_t began = 0, ended = 0;
    std::vector<Attempt> attempts;
    std::vector<Gate> gates;  // none or one
    std::vector<std::pair<std::string, std::string>> output;
    std::vector<std::string> receipts;  // "app: 12 rows"
};

// What somebody, or the engine, did to the run as a whole.
struct Deed {
    std::int64_t at = 0;
    std::string who, what;
};

struct History {
    std::string run, runbook, title, environment, starter, headline, standing, engine;
    bool production = false;
    std::int64_t created = 0, ended = 0, until = 0;  // until: of the newest event, or now
    std::vector<std::pair<std::string, std::string>> params, outputs;
    std::string error, hint, help, contact;
    std::vector<std::string> in_effect, next;
    std::vector<Step> steps;
    std::size_t omitted_items = 0;  // of lists, beyond those that are told
    std::vector<Deed> deeds;
    std::string plan, head;  // digests: the plan's, and of the newest line of the chain
    std::int64_t events = 0;
};

// Markdown (GitHub's), and one HTML page that needs nothing else: no script, no other file.
[[nodiscard]] std::string to_markdown(const History& history);
[[nodiscard]] std::string to_html(const History& history);

}  // namespace drydock::report
