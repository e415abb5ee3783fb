// Any text as a template, and its expressions run: a value, an error, or too many instructions.

#include "bindings/lua_runner.h"
#include "engine/error.h"
#include "engine/runbook/template.h"
#include "tests/fuzz/fuzz.h"

using namespace drydock;

namespace {

class NoNames final : public execute::Names {
  public:
    [[nodiscard]] const Value& params() const override { return params_; }
    [[nodiscard]] const Value& run() const override { return run_; }
    [[nodiscard]] std::optional<Value> step_field(std::string_view,
                                                  std::string_view) const override {
        return Value("output");
    }
    [[nodiscard]] std::vector<std::string> step_names() const override { return {"a", "b"}; }
    [[nodiscard]] std::optional<Value> item() const override { return Value(7); }
    [[nodiscard]] std::optional<std::int64_t> index() const override { return 1; }
    [[nodiscard]] std::optional<Secret> secret(std::string_view) const override {
        return std::nullopt;
    }

  private:
    Value params_ = Value::Map{{"name", "x"},
                               {"list", Value::List{1, 2}},
                               {"wait", Duration{Microseconds(5)}},
                               {"room", Size{4096}}};
    Value run_ = Value::Map{{"id", "r"}};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static bindings::LuaRunner runner(system_clock());
    static const NoNames names;
    const std::string_view text = fuzz::text_of(bytes, size);
    try {
        const runbook::Template read = runbook::parse_template(text, {.line = 1, .column = 1});
        if (!runbook::has_expression(text)) MUST(!read.whole());
        (void)runbook::evaluate(read, [](const runbook::Expression& expression) {
            return runner.evaluate(expression, names, false);
        });
    } catch (const Error& error) {
        MUST(!error.message().empty());
    }
    return 0;
}
