#include "engine/cli/event_words.h"

#include <type_traits>

#include "engine/cli/step_words.h"
#include "engine/cli/text.h"
#include "engine/execute/launch.h"
#include "engine/run/ids.h"

namespace drydock::cli {
namespace {

std::string text_in(const Value* map, std::string_view key) {
    const Value* found = map == nullptr ? nullptr : map->member(key);
    return found == nullptr || found->is_null() ? std::string() : to_text(*found);
}

const Value* in_body(const run::Event& event, std::string_view key) {
    const auto found = event.body.find(key);
    return found == event.body.end() ? nullptr : &found->second;
}

// Says one event, by kind.
class Words final {
  public:
    Words(const run::Event& event, const run::RunState& state, const runbook::Bundle& bundle)
        : event_(event), state_(state), bundle_(bundle) {}

    std::optional<EventWords> operator()(const run::StepFinished& finished) {
        EventWords words = about_step();
        const run::ScopeState* scope = state_.find(event_.scope);
        if (scope != nullptr && scope->started > 0) words.took = event_.time - scope->started;
        const std::string error = text_in(in_body(event_, "error"), "message");
        words.status = run::name_of(finished.outcome);
        switch (finished.outcome) {
            case run::StepOutcome::Succeeded: {
                mark(words, "✓", Style::Green);
                const Value* output = in_body(event_, "output");
                if (output != nullptr) words.detail = in_short(*output, 60);
                break;
            }
            case run::StepOutcome::Failed: mark(words, "✗", Style::Red); break;
            case run::StepOutcome::Retry:
                mark(words, "↻", Style::Yellow);
                words.detail = error + ", again in " + span(finished.delay_us);
                return words;
            case run::StepOutcome::Cancelled: mark(words, "✗", Style::Yellow); break;
            case run::StepOutcome::Unknown: mark(words, "?", Style::Red); break;
        }
        if (!error.empty()) words.detail = error;
        return words;
    }

    std::optional<EventWords> operator()(const run::StepSkipped& skipped) {
        EventWords words = about_step();
        mark(words, "–", Style::Dim);
        words.status = "skipped";
        words.detail = skipped.why == run::SkipWhy::NothingDone ? "it had done nothing"
                       : skipped.why == run::SkipWhy::Operator  ? "as you said"
                                                                : "its when: is false";
        return words;
    }

    std::optional<EventWords> operator()(const run::StepSettled& settled) {
        EventWords words = about_step();
        mark(words, "✓", settled.verdict == run::Verdict::Applied ? Style::Green : Style::Yellow);
        words.status = "settled";
        words.detail = std::string(run::name_of(settled.verdict)) + ", by " +
                       std::string(run::name_of(settled.by));
        return words;
    }

    std::optional<EventWords> operator()(const run::StepInterrupted&) {
        EventWords words = about_step();
        mark(words, "!", Style::Yellow);
        words.status = "interrupted";
        words.detail = "it was cut off";
        return words;
    }

    std::optional<EventWords> operator()(const run::WaitBegan& began) {
        EventWords words = about_step();
        mark(words, "…", Style::Yellow);
        words.status = "waiting";
        if (const Value* prompt = in_body(event_, "prompt")) words.detail = to_text(*prompt);
        if (began.due > 0)
            words.detail +=
                (words.detail.empty() ? "until " : ", until ") + moment(began.due, event_.time);
        return words;
    }

    std::optional<EventWords> operator()(const run::WaitAnswered& answered) {
        EventWords words = about_step();
        mark(words, "·", Style::Plain);
        words.status = run::name_of(answered.verdict);
        if (event_.actor != "engine") words.detail = "by " + execute::user_of(event_.actor);
        return words;
    }

    std::optional<EventWords> operator()(const run::PhaseBegan& began) {
        EventWords words{.mark = "·",
                         .style = Style::Bold,
                         .position = {},
                         .what = {},
                         .step = {},
                         .status = {},
                         .took = -1,
                         .detail = {}};
        if (began.phase == run::Phase::Undo) {
            words.what =
                "undo of " + std::to_string(state_.undo_list().size()) +
                (state_.undo_list().size() == 1 ? " step" : " steps, newest first");
        } else if (began.phase == run::Phase::Final && !bundle_.runbook.finally.empty()) {
            words.what = "finally";
        } else {
            return std::nullopt;
        }
        return words;
    }

    std::optional<EventWords> operator()(const run::CancelRequested& cancel) {
        EventWords words{.mark = "!",
                         .style = Style::Yellow,
                         .position = {},
                         .what = "cancel",
                         .step = {},
                         .status = {},
                         .took = -1,
                         .detail = {}};
        words.detail =
            std::string(cancel.mode == run::CancelMode::Now ? "now" : "at the next safe point") +
            ", asked by " + execute::user_of(event_.actor);
        return words;
    }

    template <class Other>
    std::optional<EventWords> operator()(const Other&) {
        return std::nullopt;
    }

  private:
    EventWords about_step() {
        EventWords words;
        words.step = scope_words(event_.scope);
        words.what = words.step;
        const run::ScopeParts parts = run::split_scope(event_.scope);
        const StepPosition position = find_step(bundle_.runbook, parts.step);
        if (position.step == nullptr) return words;
        if (parts.phase != "undo" && !position.finally)
            words.position = std::to_string(position.number) + "/" + std::to_string(position.total);
        if (position.step->title) {
            words.what = title_of(*position.step, execute::recorded_params(state_));
            if (parts.phase == "undo") words.what = "undo: " + words.what;
            if (parts.index > 0) words.what += " (item " + std::to_string(parts.index) + ")";
        }
        return words;
    }

    static void mark(EventWords& words, std::string mark, Style style) {
        words.mark = std::move(mark);
        words.style = style;
    }

    const run::Event& event_;
    const run::RunState& state_;
    const runbook::Bundle& bundle_;
};

// Writes the fields of a payload into a map, as the codec's visitors read them.
struct FieldMap {
    Value::Map& map;

    void operator()(std::string_view name, const std::string& value) const {
        map.emplace(name, value);
    }
    void operator()(std::string_view name, std::int64_t value) const { map.emplace(name, value); }
    void operator()(std::string_view name, bool value) const { map.emplace(name, value); }
    void operator()(std::string_view name, const std::vector<std::int64_t>& values) const {
        map.emplace(name, Value::List(values.begin(), values.end()));
    }
    template <class Enum>
        requires std::is_enum_v<Enum>
    void operator()(std::string_view name, Enum value) const {
        map.emplace(name, run::name_of(value));
    }
};

}  // namespace

std::optional<EventWords> words_of(const run::Event& event, const run::RunState& state,
                                   const runbook::Bundle& bundle) {
    return std::visit(Words(event, state, bundle), event.payload);
}

Value::Map to_map(const run::Event& event) {
    Value::Map map{{"event", run::kind_of(event)},
                   {"run", event.run},
                   {"seq", event.seq},
                   {"time", Timestamp{event.time}},
                   {"actor", event.actor}};
    if (!event.scope.empty()) {
        map.emplace("scope", event.scope);
        map.emplace("attempt", event.attempt);
    }
    std::visit([&map](const auto& payload) {
        FieldMap visit{map};
        std::remove_cvref_t<decltype(payload)>::fields(visit, payload);
    }, event.payload);
    if (!event.body.empty()) map.emplace("body", event.body);
    return map;
}

}  // namespace drydock::cli
