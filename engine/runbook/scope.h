#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/runbook/report.h"
#include "engine/runbook/runbook.h"
#include "engine/runbook/script_inspector.h"

namespace drydock::runbook {

// What a piece of Lua may name at its place.
struct Scope {
    enum class Kind : std::uint8_t { Template, Chunk, SideChunk };
    Kind kind = Kind::Template;
    // Steps at a lower position may be named (0: none). Positions count `steps`, then `finally`.
    std::size_t visible_steps = 0;
    bool in_foreach = false;
    bool secrets = false;
};

// Knows what the names in a runbook's Lua mean, and reports those that mean nothing: steps and
// their fields, params, secrets, connections, fields of run, globals. One per text; not
// thread-safe.
class NameChecker final {
  public:
    NameChecker(const Bundle& bundle, ScriptInspector& inspector, Report& report);

    // Compiles and checks; syntax errors are reported at their line.
    void expression(const Expression& expression, const Scope& scope);
    // The facts, when it compiles.
    std::optional<ScriptFacts> chunk(const LuaBody& body, const Scope& scope);
    // A connection or secret that is named outside Lua; `visible_steps` as in Scope.
    void connection(std::string_view name, Place place, std::size_t visible_steps);

    // All steps: those of `steps`, then those of `finally`.
    [[nodiscard]] std::size_t step_count() const noexcept { return steps_.size(); }
    // Where line `line` of `body` stands, at the first `word` in it.
    [[nodiscard]] static Place place_in(std::string_view text, Place start, bool block, int line,
                                        std::string_view word);

  private:
    struct Text {  // where the names being checked stand
        std::string_view text;
        Place start;
        bool block = false;
    };
    void names(const ScriptFacts& facts, const Text& text, const Scope& scope);
    void name(const ScriptFacts::Name& found, const Text& text, const Scope& scope);
    void step_name(const ScriptFacts::Name& found, Place place, const Scope& scope);
    void step_field(const Step& step, const std::string& field, Place place);
    void secret(const ScriptFacts::Name& found, Place place, const Scope& scope);
    void global(const std::string& found, Place place, const Scope& scope);
    void known(std::string_view what, const std::string& word,
               const std::vector<std::string>& words, Place place);
    void not_before(std::string_view what, std::size_t from, Place place,
                    std::size_t visible_steps);

    // The fields that later steps may read, besides the reserved ones; nullopt: not known, because
    // the action is not.
    [[nodiscard]] std::optional<std::vector<std::string>> fields_of(const Step& step) const;
    [[nodiscard]] const Declarations* returns_of(const Step& step) const;
    // How many steps must have run before the connection or secret exists; 0: from the start.
    std::size_t secret_from(std::string_view name);
    std::size_t connection_from(std::string_view name);
    std::size_t from_of(const Node& node);

    const Bundle& bundle_;
    ScriptInspector& inspector_;
    Report& report_;
    std::vector<const Step*> steps_;
    std::map<std::string, std::size_t, std::less<>> positions_;
    std::map<std::string, std::size_t, std::less<>> secrets_from_;
    std::map<std::string, std::size_t, std::less<>> connections_from_;
};

}  // namespace drydock::runbook
