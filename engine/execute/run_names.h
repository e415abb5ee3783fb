#pragma once

#include <functional>
#include <optional>
#include <string>

#include "engine/execute/names.h"
#include "engine/run/run_state.h"
#include "engine/runbook/runbook.h"

namespace drydock::execute {

// The names that a run's expressions and bodies see, read from its state when they are asked for.
class RunNames final : public Names {
  public:
    struct Parts {
        const runbook::Bundle& bundle;
        const run::RunState& state;
        const Value& params;
        const Value& run;
        std::function<std::optional<Secret>(std::string_view)> secret;
    };
    explicit RunNames(Parts parts);

    // The same, with `item` and `index` where `scope` is an item of a foreach.
    [[nodiscard]] RunNames for_scope(std::string_view scope) const;

    [[nodiscard]] const Value& params() const override { return parts_.params; }
    [[nodiscard]] const Value& run() const override { return parts_.run; }
    [[nodiscard]] std::optional<Value> step_field(std::string_view step,
                                                  std::string_view field) const override;
    [[nodiscard]] std::vector<std::string> step_names() const override;
    [[nodiscard]] std::optional<Value> item() const override { return item_; }
    [[nodiscard]] std::optional<std::int64_t> index() const override { return index_; }
    [[nodiscard]] std::optional<Secret> secret(std::string_view name) const override {
        return parts_.secret(name);
    }

  private:
    [[nodiscard]] Value items_of(const std::string& scope, const run::ScopeState& group) const;

    Parts parts_;
    std::optional<Value> item_;
    std::optional<std::int64_t> index_;
};

}  // namespace drydock::execute
