#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/secret.h"
#include "engine/value.h"

namespace drydock::execute {

// What expressions and bodies may read. Values are handed out one by one, so that a run with a
// hundred thousand steps costs each step only what it asks for. Implemented by RunNames over the
// run's state (and by a plain one in tests). Used on one thread.
class Names {
  public:
    virtual ~Names() = default;

    [[nodiscard]] virtual const Value& params() const = 0;  // a map
    [[nodiscard]] virtual const Value& run() const = 0;     // a map: id short starter environment …
    // A field of an earlier step: status, error, seconds, started, items or an output field; null
    // where the step did not succeed. nullopt: there is no step of that name.
    [[nodiscard]] virtual std::optional<Value> step_field(std::string_view step,
                                                          std::string_view field) const = 0;
    // The names of all steps, in the order written.
    [[nodiscard]] virtual std::vector<std::string> step_names() const = 0;
    [[nodiscard]] virtual std::optional<Value> item() const = 0;
    [[nodiscard]] virtual std::optional<std::int64_t> index() const = 0;  // from 1
    // nullopt: there is none and its default is null. Throws Error{NotFound} for a name that is not
    // declared, Error{Document} when it cannot be resolved.
    [[nodiscard]] virtual std::optional<Secret> secret(std::string_view name) const = 0;
};

}  // namespace drydock::execute
