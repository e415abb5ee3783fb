#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/cases/reader.h"
#include "engine/runbook/fields.h"
#include "engine/runbook/report.h"

// What the two sources of the reader share. Problems go to `report`.
namespace drydock::cases {

// The text of a scalar; "" when it is none.
[[nodiscard]] std::string scalar_text(const runbook::SourceNode& node, std::string_view what,
                                      runbook::Report& report);
// A single value, or a list of them.
[[nodiscard]] std::vector<const runbook::SourceNode*> one_or_more(const runbook::SourceNode& node);

// `command` or `http` of a map.
[[nodiscard]] std::optional<Question> read_question(runbook::Fields& fields,
                                                    runbook::Report& report);

enum class LuaKind : std::uint8_t { Chunk, Expression };
[[nodiscard]] runbook::LuaBody read_lua(const runbook::SourceNode& node, const std::string& what,
                                        LuaKind kind, const ReadInput& input,
                                        runbook::Report& report);

[[nodiscard]] Expectation read_expectation(const runbook::SourceNode& node, const ReadInput& input,
                                           runbook::Report& report);

}  // namespace drydock::cases
