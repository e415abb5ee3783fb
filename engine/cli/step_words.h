#pragma once

#include <string>
#include <string_view>

#include "engine/run/status.h"
#include "engine/runbook/runbook.h"
#include "engine/value.h"

// Steps in a person's words: titles, what a body does, where it stands in the list. `params` is a
// run's params (a map); what only a running step knows stays as it is written.
namespace drydock::cli {

// The literal pieces and the params of a text; other expressions as ${…}.
[[nodiscard]] std::string words_of(const runbook::Template& written, const Value& params);
[[nodiscard]] std::string words_of(const runbook::Node& node, const Value& params);
// Its title, else its id.
[[nodiscard]] std::string title_of(const runbook::Step& step, const Value& params);
// Its title, else what its body does: "sqlite.check app", "wait 1h", the first line of Lua.
[[nodiscard]] std::string deed_of(const runbook::Step& step, const Value& params);

struct StepPosition {
    const runbook::Step* step = nullptr;  // null: there is none of that name
    std::size_t number = 0;               // from 1, among steps or among finally
    std::size_t total = 0;
    bool finally = false;
};
[[nodiscard]] StepPosition find_step(const runbook::Runbook& runbook, std::string_view id);
// "data", "regions item 2", "undo of data".
[[nodiscard]] std::string scope_words(std::string_view scope);

}  // namespace drydock::cli
