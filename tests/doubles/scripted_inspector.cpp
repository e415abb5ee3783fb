#include "doubles/scripted_inspector.h"

#include <set>
#include <stdexcept>

#include "engine/runbook/declaration.h"
#include "engine/runbook/report.h"
#include "engine/runbook/source.h"

namespace drydock {
namespace {

using runbook::ScriptFacts;
using runbook::ScriptProblem;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_word(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }

const std::set<std::string, std::less<>> kKeywords{
    "and", "or", "not", "nil",   "true",   "false", "if",     "then",  "else",  "elseif",  "end",
    "for", "in", "do",  "while", "repeat", "until", "return", "break", "local", "function"};

// One pass over the text: words with the fields that follow them, strings, blocks.
class Scan final {
  public:
    explicit Scan(std::string_view text) : text_(text) {}

    std::variant<ScriptFacts, ScriptProblem> run() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '\n') ++line_;
            if (text_.substr(at_, 2) == "--") at_ = std::min(text_.find('\n', at_), text_.size());
            else if (c == '"' || c == '\'') string(c, std::string_view(&c, 1));
            else if (text_.substr(at_, 2) == "[[") string('[', "]]");
            else if (is_letter(c)) name();
            else if (c >= '0' && c <= '9') number();
            else ++at_;
        }
        if (blocks_ != 0) return ScriptProblem{"syntax error: a block is not closed", line_, ""};
        return facts_;
    }

  private:
    void string(char opening, std::string_view closing) {
        const std::size_t begin = at_ + (opening == '[' ? 2 : 1);
        const std::size_t end = std::min(text_.find(closing, begin), text_.size());
        const std::string found(text_.substr(begin, end - begin));
        facts_.strings.emplace_back(found, line_);
        for (const char c : found) line_ += c == '\n' ? 1 : 0;
        at_ = std::min(end + closing.size(), text_.size());
    }
    void number() {
        while (at_ < text_.size() && (is_word(text_[at_]) || text_[at_] == '.')) ++at_;
    }
    std::string word() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && is_word(text_[at_])) ++at_;
        return std::string(text_.substr(begin, at_ - begin));
    }
    char next() const {
        const std::size_t at = text_.find_first_not_of(" \n", at_);
        return at == std::string_view::npos ? '\0' : text_[at];
    }

    void name() {
        const bool field = at_ > 0 && (text_[at_ - 1] == '.' || text_[at_ - 1] == ':') &&
                           text_.substr(at_ < 2 ? 0 : at_ - 2, 2) != "..";
        const int line = line_;
        std::vector<std::string> path{word()};
        if (kKeywords.contains(path[0])) return keyword(path[0]);
        bool call = false;
        while (at_ + 1 < text_.size() && (text_[at_] == '.' || text_[at_] == ':') &&
               is_letter(text_[at_ + 1]) && !call) {
            call = text_[at_] == ':';
            ++at_;
            path.push_back(word());
        }
        const std::size_t after = text_.find_first_not_of(' ', at_);
        const bool assigned = after != std::string_view::npos && text_[after] == '=' &&
                              text_.substr(after, 2) != "==";
        if (field || locals_.contains(path[0])) return;
        if (in_local_) locals_.insert(path[0]);
        else if (assigned && path.size() == 1 && in_table_or_call()) return;
        else if (assigned && path.size() == 1) facts_.writes.push_back({path, line});
        else if (call) facts_.calls.push_back({path, line});
        else facts_.reads.push_back({path, line});
        if (in_local_ && next() != ',') in_local_ = false;
    }
    // `{key = value}` assigns nothing.
    bool in_table_or_call() const {
        int depth = 0;
        for (const char c : text_.substr(0, at_)) depth += c == '{' ? 1 : c == '}' ? -1 : 0;
        return depth > 0;
    }
    void keyword(const std::string& word) {
        if (word == "if" || word == "do" || word == "function") ++blocks_;
        if (word == "end") --blocks_;
        if (word == "local") in_local_ = true;
        if (word == "function") {
            in_local_ = false;
            const std::size_t end = std::min(text_.find(')', at_), text_.size());
            while (at_ < end) {
                if (is_letter(text_[at_])) locals_.insert(this->word());
                else ++at_;
            }
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int line_ = 1;
    int blocks_ = 0;
    bool in_local_ = false;
    std::set<std::string, std::less<>> locals_;
    ScriptFacts facts_;
};

runbook::Action action_of(const std::string& name, const runbook::SourceNode& node) {
    runbook::Report report(name, "");
    runbook::Action action;
    action.name = name;
    if (const auto* params = node.find("params"))
        action.params =
            read_declarations(*params, name, runbook::DeclarationUse::ActionParam, report);
    if (const auto* returns = node.find("returns"))
        action.returns = read_declarations(*returns, name, runbook::DeclarationUse::Result, report);
    if (const auto* effect = node.find("effect")) {
        action.effect = effect->text == "read"     ? runbook::Effect::Read
                        : effect->text == "unsafe" ? runbook::Effect::Unsafe
                                                   : runbook::Effect::Transaction;
    }
    const auto flag = [&](std::string_view key) {
        return node.find(key) != nullptr && node.find(key)->text == "true";
    };
    action.idempotent = flag("idempotent");
    action.has_probe = flag("probe");
    action.has_undo = flag("undo");
    if (!report.empty()) throw std::runtime_error(to_text(report.take().front()));
    return action;
}

runbook::SourceNode parsed(std::string_view yaml) {
    runbook::Report report("catalogue", yaml);
    auto tree = parse_source(yaml, report);
    if (!tree) throw std::runtime_error(to_text(report.take().front()));
    return *std::move(tree);
}

}  // namespace

ScriptedInspector::ScriptedInspector()
    : globals_{"check",  "command",  "connections", "crypto",   "duration", "fail",
               "fs",     "http",     "index",       "ipairs",   "item",     "json",
               "log",    "math",     "null",        "once",     "pairs",    "params",
               "pcall",  "progress", "run",         "secrets",  "size",     "steps",
               "string", "table",    "time",        "tonumber", "tostring", "type"} {}

std::variant<ScriptFacts, ScriptProblem> ScriptedInspector::chunk(std::string_view text) {
    asked_.emplace_back(text);
    return Scan(text).run();
}

std::variant<ScriptFacts, ScriptProblem> ScriptedInspector::expression(std::string_view text) {
    asked_.emplace_back(text);
    if (text.ends_with("+ ") || text.ends_with("+"))
        return ScriptProblem{"syntax error: unexpected end", 1, ""};
    return Scan(text).run();
}

std::variant<runbook::Module, std::vector<ScriptProblem>> ScriptedInspector::module(
    std::string_view name, std::string_view text) {
    const auto failing = failing_.find(name);
    if (failing != failing_.end()) return std::vector{failing->second};
    const auto found = modules_.find(name);
    if (found == modules_.end())
        return std::vector{ScriptProblem{"scripted: unknown module", 1, ""}};
    return runbook::Module{std::string(name), "", std::string(text), found->second};
}

void ScriptedInspector::give_module(const std::string& name, std::string_view actions_yaml) {
    for (const auto& member : parsed(actions_yaml).members)
        modules_[name][member.key] = action_of(member.key, member.value);
}

std::vector<std::string> ScriptedInspector::give_catalogue(std::string_view catalogue_yaml) {
    std::set<std::string> names;
    for (const auto& member : parsed(catalogue_yaml).members) {
        const std::size_t dot = member.key.find('.');
        const std::string name = member.key.substr(0, dot);
        const std::string action = member.key.substr(dot + 1);
        modules_[name][action] = action_of(action, member.value);
        names.insert(name);
    }
    return {names.begin(), names.end()};
}

void ScriptedInspector::fail_module(const std::string& name, ScriptProblem problem) {
    failing_[name] = std::move(problem);
}

}  // namespace drydock
