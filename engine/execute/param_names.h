#pragma once

#include <functional>

#include "engine/error.h"
#include "engine/execute/names.h"

namespace drydock::execute {

// What can be named before a run begins: its params, and secrets where somebody has them. Steps are
// all pending, and there is no run yet.
class ParamNames final : public Names {
  public:
    using SecretOf = std::function<std::optional<Secret>(std::string_view name)>;
    explicit ParamNames(Value::Map params, SecretOf secret = {})
        : params_(std::move(params)), secret_(std::move(secret)) {}

    [[nodiscard]] const Value& params() const override { return params_; }
    [[nodiscard]] const Value& run() const override { return run_; }
    [[nodiscard]] std::optional<Value> step_field(std::string_view,
                                                  std::string_view) const override {
        return std::nullopt;
    }
    [[nodiscard]] std::vector<std::string> step_names() const override { return {}; }
    [[nodiscard]] std::optional<Value> item() const override { return std::nullopt; }
    [[nodiscard]] std::optional<std::int64_t> index() const override { return std::nullopt; }
    [[nodiscard]] std::optional<Secret> secret(std::string_view name) const override {
        if (secret_) return secret_(name);
        throw Error(ErrorCode::Document,
                    "the secret " + std::string(name) + " cannot be named here");
    }

  private:
    Value params_;
    SecretOf secret_;
    Value run_ = Value(Value::Map{});
};

}  // namespace drydock::execute
