#include "bindings/bytecode.h"

#include <map>

#include "engine/check.h"

namespace drydock::bindings {
namespace {

using namespace std::string_view_literals;
constexpr std::string_view kHeader = "\x1bLua\x54\0\x19\x93\r\n\x1a\n\x04\x08\x08"sv;
constexpr std::size_t kAfterHeader =
    kHeader.size() + 8 + 8 + 1;  // two probe numbers, upvalue count

// Types of constants, as written.
constexpr int kFloat = 0x13;
constexpr int kInteger = 0x03;
constexpr int kShortText = 0x04;
constexpr int kLongText = 0x14;

class Input final {
  public:
    explicit Input(std::string_view bytes) : rest_(bytes) {}

    std::string_view take(std::size_t count) {
        CHECK(count <= rest_.size());
        const std::string_view taken = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return taken;
    }
    int byte() { return static_cast<unsigned char>(take(1)[0]); }
    std::size_t number() {
        std::size_t value = 0;
        for (;;) {
            const int next = byte();
            value = value << 7 | static_cast<std::size_t>(next & 0x7F);
            if ((next & 0x80) != 0) return value;
        }
    }
    int small_number() { return static_cast<int>(number()); }
    std::string text() {
        const std::size_t size = number();
        return size == 0 ? std::string() : std::string(take(size - 1));
    }
    [[nodiscard]] bool empty() const { return rest_.empty(); }

  private:
    std::string_view rest_;
};

void read_code(Input& in, Function& function) {
    for (std::size_t count = in.number(); count > 0; --count) {
        const std::string_view bytes = in.take(4);
        std::uint32_t bits = 0;
        for (std::size_t i = 4; i-- > 0;) bits = bits << 8 | static_cast<unsigned char>(bytes[i]);
        function.code.push_back({bits});
    }
}

void read_constants(Input& in, Function& function) {
    for (std::size_t count = in.number(); count > 0; --count) {
        const int type = in.byte();
        if (type == kShortText || type == kLongText) {
            function.constants.emplace_back(in.text());
            continue;
        }
        if (type == kFloat || type == kInteger) (void)in.take(8);
        function.constants.emplace_back(std::nullopt);
    }
}

void read_lines(Input& in, Function& function) {
    const std::size_t count = in.number();
    const std::string_view steps = in.take(count);
    std::map<std::size_t, int> absolute;
    for (std::size_t entries = in.number(); entries > 0; --entries) {
        const std::size_t instruction = in.number();
        absolute[instruction] = in.small_number();
    }
    // A step of -128 says that the line is in the table of absolute ones.
    int line = function.first_line;
    for (std::size_t i = 0; i < count; ++i) {
        const auto step = static_cast<signed char>(steps[i]);
        line = step == -128 ? absolute[i] : line + step;
        function.lines.push_back(line);
    }
}

Function read_function(Input& in) {
    Function function;
    (void)in.text();  // source, only in the outermost
    function.first_line = in.small_number();
    (void)in.number();  // last line
    function.parameters = in.byte();
    (void)in.take(2);  // vararg, stack size
    read_code(in, function);
    read_constants(in, function);
    for (std::size_t count = in.number(); count > 0; --count) {
        const bool in_stack = in.byte() != 0;
        const int index = in.byte();
        (void)in.byte();  // kind
        function.upvalues.push_back({in_stack, index, {}});
    }
    for (std::size_t count = in.number(); count > 0; --count)
        function.functions.push_back(read_function(in));
    read_lines(in, function);
    for (std::size_t count = in.number(); count > 0; --count) {
        std::string name = in.text();
        const int begin = in.small_number();
        function.locals.push_back({std::move(name), begin, in.small_number()});
    }
    const std::size_t names = in.number();
    CHECK(names <= function.upvalues.size());
    for (std::size_t i = 0; i < names; ++i) function.upvalues[i].name = in.text();
    return function;
}

}  // namespace

Function read_bytecode(std::string_view dump) {
    CHECK(dump.starts_with(kHeader));
    Input in(dump);
    (void)in.take(kAfterHeader);
    Function function = read_function(in);
    CHECK(in.empty());
    return function;
}

}  // namespace drydock::bindings
