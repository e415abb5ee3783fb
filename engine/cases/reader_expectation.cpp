// The part of the reader that reads questions and `expect`.

#include <set>

#include "engine/cases/keys.h"
#include "engine/cases/reading.h"
#include "engine/runbook/convert.h"
#include "engine/runbook/template.h"

namespace drydock::cases {
namespace {

using runbook::Fields;
using runbook::Place;
using runbook::Report;
using runbook::SourceNode;

constexpr std::size_t kShortestCanary = 4;

const std::vector<std::string>& step_words() {
    static const std::vector<std::string> kWords = [] {
        std::vector<std::string> words;
        for (int i = 0; i <= static_cast<int>(run::StepStatus::Undone); ++i)
            words.emplace_back(run::name_of(static_cast<run::StepStatus>(i)));
        return words;
    }();
    return kWords;
}

class ExpectationReader final {
  public:
    ExpectationReader(const ReadInput& input, Report& report) : input_(input), report_(report) {}

    Expectation read(const SourceNode& node) {
        Expectation made;
        Fields fields(node, "`expect`", expect_keys(), report_);
        if (!fields.is_map()) return made;
        if (node.members.empty())
            report_.add(node.place, "a case that expects nothing cannot fail",
                        "write {run: succeeded}, or what shall be true");
        if (const SourceNode* run = fields.take("run")) {
            if (const auto word = read_word(*run, "`run`", run_words(), report_))
                made.run = {run_words()[*word], run->place};
        }
        if (const SourceNode* steps = fields.take("steps")) read_steps(*steps, made);
        if (const SourceNode* outputs = fields.take("outputs")) {
            if (require_map(*outputs, "`outputs`", "write outputs: {name: value}")) {
                for (const SourceNode::Member& member : outputs->members)
                    made.outputs.emplace_back(member.key, to_literal_node(member.value));
            }
        }
        if (const SourceNode* at = fields.take("stopped_at"))
            made.stopped_at = {scalar_text(*at, "`stopped_at`", report_), at->place};
        if (const SourceNode* at = fields.take("waiting_at"))
            made.waiting_at = {scalar_text(*at, "`waiting_at`", report_), at->place};
        if (const SourceNode* error = fields.take("error")) read_error(*error, made);
        if (const SourceNode* asked = fields.take("asked")) read_asked(*asked, made);
        if (const SourceNode* refused = fields.take("refused")) read_refused(*refused, made);
        if (const SourceNode* holds = fields.take("holds")) {
            for (const SourceNode* item : one_or_more(*holds))
                made.holds.push_back(
                    read_lua(*item, "`holds`", LuaKind::Expression, input_, report_));
        }
        if (const SourceNode* never = fields.take("never")) {
            for (const SourceNode* item : one_or_more(*never)) {
                made.never.push_back({scalar_text(*item, "`never`", report_), item->place});
                if (made.never.back().held.size() < kShortestCanary)
                    report_.add(item->place, "a text of fewer than four bytes is everywhere",
                                "take a longer one, such as canary-token");
            }
        }
        fields.finish();
        return made;
    }

  private:
    bool require_map(const SourceNode& node, std::string_view what, std::string_view hint) {
        if (node.is_map()) return true;
        report_.add(node.place,
                    std::string(what) + " is a map, here stands " + std::string(shape_of(node)),
                    std::string(hint));
        return false;
    }
    std::string text(Fields& fields, std::string_view key) {
        const SourceNode* node = fields.take(key);
        if (node == nullptr) return {};
        return scalar_text(*node, "`" + std::string(key) + "` of " + fields.what(), report_);
    }

    void read_steps(const SourceNode& node, Expectation& made) {
        if (!require_map(node, "`steps`", "write steps: {id: succeeded}")) return;
        for (const SourceNode::Member& member : node.members) {
            const auto word = read_word(member.value, "`steps`", step_words(), report_);
            if (!word) continue;
            made.steps.emplace_back(
                member.key, Expectation::At<run::StepStatus>{static_cast<run::StepStatus>(*word),
                                                             member.value.place});
        }
    }

    void read_error(const SourceNode& node, Expectation& made) {
        Fields fields(node, "`error`", expected_error_keys(), report_);
        if (!fields.is_map()) return;
        made.error = {text(fields, "step"), text(fields, "kind"), text(fields, "message"),
                      node.place};
        fields.finish();
    }

    void read_asked(const SourceNode& node, Expectation& made) {
        for (const SourceNode* item : one_or_more(node)) {
            Fields fields(*item, "an entry of `asked`", question_keys(), report_);
            if (!fields.is_map()) continue;
            if (auto question = read_question(fields, report_))
                made.asked.push_back({std::move(*question), item->place});
            fields.finish();
        }
    }

    void read_refused(const SourceNode& node, Expectation& made) {
        for (const SourceNode* item : one_or_more(node)) {
            Fields fields(*item, "an entry of `refused`", refusal_keys(), report_);
            if (!fields.is_map()) continue;
            made.refused.push_back({text(fields, "gate"), text(fields, "by"), item->place});
            fields.finish();
        }
    }

    const ReadInput& input_;
    Report& report_;
};

}  // namespace

std::string scalar_text(const SourceNode& node, std::string_view what, Report& report) {
    return runbook::read_text(node, what, report).value_or("");
}

std::vector<const SourceNode*> one_or_more(const SourceNode& node) {
    if (!node.is_list()) return {&node};
    std::vector<const SourceNode*> all;
    for (const SourceNode& item : node.items) all.push_back(&item);
    return all;
}

std::optional<Question> read_question(Fields& fields, Report& report) {
    const SourceNode* command = fields.take("command");
    const SourceNode* http = fields.take("http");
    if ((command == nullptr) == (http == nullptr)) {
        report.add(fields.place(), fields.what() + " names one of `command` and `http`",
                   "write {command: [make, \"**\"]} or {http: \"GET http://x/**\"}");
        return std::nullopt;
    }
    if (command != nullptr) {
        CommandPattern pattern{read_texts(*command, "`command`", report)};
        if (pattern.words.empty()) {
            if (command->is_list())
                report.add(command->place, "`command` names no program",
                           "write [program, argument, …]");
            return std::nullopt;
        }
        return pattern;
    }
    const std::string text = scalar_text(*http, "`http`", report);
    const std::size_t space = text.find(' ');
    static const std::set<std::string, std::less<>> kMethods{"GET",   "HEAD",   "POST", "PUT",
                                                             "PATCH", "DELETE", "OPTIONS", "*"};
    if (space == std::string::npos || !kMethods.contains(text.substr(0, space))) {
        report.add(http->place, "`http` is a method and an address",
                   "write \"GET http://host/**\"");
        return std::nullopt;
    }
    return HttpPattern{text.substr(0, space), text.substr(space + 1)};
}

runbook::LuaBody read_lua(const SourceNode& node, const std::string& what, LuaKind kind,
                          const ReadInput& input, Report& report) {
    runbook::LuaBody body{.text = scalar_text(node, what, report), .place = node.text_place};
    std::optional<runbook::ScriptProblem> problem;
    if (kind == LuaKind::Expression) {
        auto read = input.inspector.expression(body.text);
        if (auto* bad = std::get_if<runbook::ScriptProblem>(&read)) problem = std::move(*bad);
    } else {
        auto read = input.inspector.chunk(body.text);
        if (auto* bad = std::get_if<runbook::ScriptProblem>(&read)) problem = std::move(*bad);
    }
    if (problem) {
        Place place = body.place;
        if (problem->line > 1) place.line += static_cast<std::uint32_t>(problem->line - 1);
        report.add(place, what + ": " + problem->message, problem->hint);
    }
    return body;
}

Expectation read_expectation(const SourceNode& node, const ReadInput& input, Report& report) {
    return ExpectationReader(input, report).read(node);
}

const std::vector<std::string>& run_words() {
    static const std::vector<std::string> kWords{"succeeded", "failed",  "undone",
                                                 "cancelled", "stopped", "waiting"};
    return kWords;
}

}  // namespace drydock::cases
