#include "engine/cli/run_history.h"

#include <filesystem>
#include <map>
#include <type_traits>

#include "engine/cli/step_words.h"
#include "engine/cli/text.h"
#include "engine/execute/launch.h"
#include "engine/execute/requests.h"
#include "engine/os/atomic_file.h"
#include "engine/run/ids.h"

namespace drydock::cli {
namespace {

// A list of ten thousand items is told by its first ones.
constexpr std::int64_t kMostItems = 100;
// A value is told, not copied: whoever needs all of it takes the export.
constexpr std::size_t kLongestValue = 4000;

std::string text_of(const Value& value) {
    return fitted(to_text(value), kLongestValue);
}

std::string text_in(const Value::Map& map, std::string_view key) {
    const auto found = map.find(key);
    return found == map.end() || found->second.is_null() ? std::string() : text_of(found->second);
}

std::vector<std::pair<std::string, std::string>> pairs_of(const Value& value) {
    std::vector<std::pair<std::string, std::string>> pairs;
    if (const auto* map = value.find<Value::Map>()) {
        for (const auto& [name, member] : *map) {
            if (!member.is_null()) pairs.emplace_back(name, text_of(member));
        }
    } else if (!value.is_null()) {
        pairs.emplace_back("output", text_of(value));
    }
    return pairs;
}

std::string verdict_words(run::WaitVerdict verdict) {
    switch (verdict) {
        case run::WaitVerdict::Approve: return "approved";
        case run::WaitVerdict::Reject: return "rejected";
        case run::WaitVerdict::Elapsed: return "over";
        case run::WaitVerdict::Expired: break;
    }
    return "its time was up";
}

// Takes the events in, one after another, in the order of the run.
class Historian final {
  public:
    Historian(const KnownRun& known, report::History& history) : known_(known), history_(history) {}

    void take(const run::Event& event) {
        event_ = &event;
        ++history_.events;
        history_.until = event.time;
        std::visit([this](const auto& payload) { told(payload); }, event.payload);
    }

    // Steps that never began, after those that did, in the order of the runbook.
    void add_pending() {
        for (const runbook::Step& step : known_.bundle.runbook.steps) {
            const std::string scope = run::make_scope("do", step.id);
            if (!index_.contains(scope)) (void)step_of(scope);
        }
        for (report::Step& step : history_.steps) {
            const run::ScopeState* state = known_.state.find(step.scope);
            step.status = state == nullptr ? "pending" : run::name_of(state->status);
        }
    }

  private:
    [[nodiscard]] const Value* in_body(std::string_view key) const {
        const auto found = event_->body.find(key);
        return found == event_->body.end() ? nullptr : &found->second;
    }
    [[nodiscard]] std::string who() const {
        return event_->actor == "engine" ? event_->actor : execute::user_of(event_->actor);
    }
    void deed(std::string what) {
        history_.deeds.push_back({event_->time, who(), std::move(what)});
    }
    [[nodiscard]] std::string because() const {
        const std::string reason = text_in(event_->body, "reason");
        return reason.empty() ? "" : ": " + reason;
    }

    report::Step& step_of(const std::string& scope) {
        const auto known = index_.find(scope);
        if (known != index_.end())
            return known->second == kOmitted ? omitted_ : history_.steps[known->second];
        const run::ScopeParts parts = run::split_scope(scope);
        if (parts.index > kMostItems) {
            index_.emplace(scope, kOmitted);
            ++history_.omitted_items;
            return omitted_;
        }
        index_.emplace(scope, history_.steps.size());
        const StepPosition position = find_step(known_.bundle.runbook, parts.step);
        report::Step step{.scope = scope, .id = scope_words(scope)};
        step.part = parts.phase == "undo" ? "undo" : position.finally ? "finally" : "steps";
        if (position.step != nullptr && position.step->title && parts.index == 0)
            step.title = title_of(*position.step, execute::recorded_params(known_.state));
        history_.steps.push_back(std::move(step));
        return history_.steps.back();
    }
    report::Step& step() { return step_of(event_->scope); }

    void told(const run::RunCreated& created) {
        history_.created = event_->time;
        history_.plan = created.plan;
        history_.engine = created.engine;
        const Value* production = in_body("production");
        history_.production = production != nullptr && *production == Value(true);
        if (const Value* params = in_body("params")) history_.params = pairs_of(*params);
        deed("started the run");
    }
    void told(const run::RunClaimed& claimed) {
        // An answer and a cancel tell of themselves.
        if (claimed.why == run::ClaimWhy::Resume) deed("resumed it, on " + claimed.host);
        if (claimed.why == run::ClaimWhy::Undo) deed("asked for undo, on " + claimed.host);
    }
    void told(const run::RunSuspended& suspended) {
        deed("suspended: " + std::string(run::name_of(suspended.why)));
    }
    void told(const run::RunEnded& ended) {
        history_.ended = event_->time;
        deed("ended: " + std::string(run::name_of(ended.outcome)) + ", exit " +
             std::to_string(ended.exit));
    }
    void told(const run::PhaseBegan& began) {
        if (began.phase == run::Phase::Undo) deed("undo began (" + began.why + ")");
    }
    void told(const run::CancelRequested& asked) {
        deed("cancel, " + std::string(run::name_of(asked.mode)) + because());
    }
    void told(const run::TargetBound&) {}
    void told(const run::EffectBegan&) {}
    void told(const run::EffectEnded&) {}
    void told(const run::ValueRecorded&) {}

    void told(const run::StepStarted& started) {
        report::Step& one = step();
        if (one.began == 0) one.began = event_->time;
        one.ended = 0;
        one.effect = started.effect;
        one.attempts.push_back({.n = event_->attempt, .began = event_->time});
    }
    void told(const run::StepInterrupted&) {
        report::Step& one = step();
        if (one.attempts.empty()) return;
        one.attempts.back().ended = event_->time;
        one.attempts.back().outcome = "cut";
    }
    void told(const run::StepFinished& finished) {
        report::Step& one = step();
        one.ended = event_->time;
        // What a gate gives stands with its answers.
        if (const Value* output = in_body("output"); output != nullptr && one.gates.empty())
            one.output = pairs_of(*output);
        add_receipts(one);
        if (one.attempts.empty()) return;
        report::Attempt& attempt = one.attempts.back();
        attempt.ended = event_->time;
        attempt.outcome = run::name_of(finished.outcome);
        const Value* error = in_body("error");
        if (const auto* map = error == nullptr ? nullptr : error->find<Value::Map>()) {
            attempt.error = text_in(*map, "message");
            attempt.hint = text_in(*map, "hint");
        }
    }
    void add_receipts(report::Step& one) {
        const Value* receipts = in_body("receipts");
        const auto* list = receipts == nullptr ? nullptr : receipts->find<Value::List>();
        if (list == nullptr) return;
        for (const Value& receipt : *list) {
            const auto* map = receipt.find<Value::Map>();
            if (map == nullptr) continue;
            const std::string key = text_in(*map, "key");
            one.receipts.push_back(text_in(*map, "connection") + (key.empty() ? "" : ", " + key) +
                                   ", rows: " + text_in(*map, "rows"));
        }
    }
    void told(const run::StepSettled& settled) {
        report::Step& one = step();
        one.ended = event_->time;
        one.remark = "settled as " + std::string(run::name_of(settled.verdict)) + " by " +
                     (settled.by == run::SettledBy::Operator
                          ? who()
                          : "its " + std::string(run::name_of(settled.by))) +
                     because();
        if (settled.by == run::SettledBy::Operator)
            deed(one.id + ": " + std::string(run::name_of(settled.verdict)) + because());
        if (const Value* output = in_body("output")) one.output = pairs_of(*output);
    }
    void told(const run::StepSkipped& skipped) {
        report::Step& one = step();
        one.remark = skipped.why == run::SkipWhy::NothingDone ? "it had done nothing"
                     : skipped.why == run::SkipWhy::Operator  ? "skipped by " + who() + because()
                                                              : "its `when` was false";
        if (skipped.why == run::SkipWhy::Operator) deed(one.id + ": skipped" + because());
    }
    void told(const run::WaitBegan& began) {
        report::Step& one = step();
        if (one.began == 0) one.began = event_->time;
        if (began.what != run::WaitWhat::Approval) return;
        report::Gate gate{.prompt = text_in(event_->body, "prompt"),
                          .by = text_in(event_->body, "by"),
                          .need = began.need,
                          .opened = event_->time,
                          .due = began.due};
        if (const Value* items = in_body("items");
            items != nullptr && items->holds<Value::List>()) {
            for (const Value& item : items->as<Value::List>()) {
                if (const auto* map = item.find<Value::Map>()) gate.items.push_back(item_of(*map));
            }
        }
        one.gates.push_back(std::move(gate));
    }
    static std::pair<std::string, std::string> item_of(const Value::Map& item) {
        const auto holds = item.find("holds");
        std::string found = holds == item.end() || holds->second.is_null() ? "to sign"
                            : holds->second == Value(true)                 ? "holds"
                                                                           : "does not hold";
        const std::string said = text_in(item, "said");
        return {text_in(item, "text") + (said.empty() ? "" : ": " + said), std::move(found)};
    }
    void told(const run::WaitAnswered& answered) {
        report::Step& one = step();
        one.ended = event_->time;
        if (one.gates.empty()) return;
        report::Gate& gate = one.gates.back();
        report::Answer answer{.who = who(),
                              .verdict = verdict_words(answered.verdict),
                              .comment = text_in(event_->body, "comment"),
                              .at = event_->time};
        if (const Value* form = in_body("form")) answer.form = pairs_of(*form);
        if (const Value* items = in_body("signed");
            items != nullptr && items->holds<Value::List>()) {
            for (const Value& n : items->as<Value::List>()) {
                const auto* number = n.find<std::int64_t>();
                if (number != nullptr && *number >= 1 &&
                    static_cast<std::size_t>(*number) <= gate.items.size())
                    answer.signed_items.push_back(
                        gate.items[static_cast<std::size_t>(*number) - 1].first);
            }
        }
        deed(one.id + ": " + answer.verdict +
             (answer.comment.empty() ? "" : ": " + answer.comment));
        gate.answers.push_back(std::move(answer));
    }

    static constexpr std::size_t kOmitted = SIZE_MAX;

    const KnownRun& known_;
    report::History& history_;
    const run::Event* event_ = nullptr;
    std::map<std::string, std::size_t> index_;  // scope → place in history_.steps
    report::Step omitted_;
};

}  // namespace

report::History history_of(Assembly& assembly, const KnownRun& known) {
    const RunReport now = report_on(assembly, known);
    report::History history{.run = now.run,
                            .runbook = now.runbook,
                            .title = known.bundle.runbook.title,
                            .environment = now.environment,
                            .starter = execute::user_of(now.starter),
                            .headline = now.headline};
    if (!now.at.empty()) {
        history.standing = now.at;
        if (now.total > 0)
            history.standing +=
                " (" + std::to_string(now.number) + " of " + std::to_string(now.total) + ")";
    }
    history.in_effect = now.in_effect;
    history.next = now.next;
    history.error = now.error;
    history.hint = now.hint;
    history.help = now.help;
    history.contact = now.contact;
    history.outputs = pairs_of(Value(now.outputs));
    Historian historian(known, history);
    const journal::LoadedRun loaded =
        journal::load(assembly.reader(), known.row.n,
                      [&](const run::Event& event, const journal::StoredEvent&,
                          const run::RunState&) { historian.take(event); });
    historian.add_pending();
    history.head = loaded.head;
    if (history.ended == 0) history.until = std::max(history.until, now.now);
    return history;
}

void write_report(Assembly& assembly, const KnownRun& known, const std::string& file) {
    const std::string kind = std::filesystem::path(file).extension();
    if (file != "-" && kind != ".md" && kind != ".html")
        throw Error(ErrorCode::Usage, "a report is written as Markdown or as HTML, not as " + file,
                    "--report FILE.md, --report FILE.html, or --report - for Markdown here");
    const report::History history = history_of(assembly, known);
    const std::string text =
        kind == ".html" ? report::to_html(history) : report::to_markdown(history);
    Output& output = assembly.output();
    if (file == "-") return output.text(text);
    os::write_file(std::filesystem::absolute(file), text, 0600);
    if (output.json())
        output.json_line(Value::Map{{"wrote", file}});
    else
        output.note("wrote the report of " + run::short_id(history.run) + " to " + file);
}

}  // namespace drydock::cli
