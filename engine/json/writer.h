#pragma once

#include <string>
#include <string_view>

#include "engine/value.h"

namespace drydock::json {

// How deep a text may nest: what is written must be readable again (ReadLimits of parse_typed).
inline constexpr int kDeepest = 80;

enum class Dialect : bool { Plain, Typed };

// Writes one Value as JSON text, directly from the Value: no document in between, because this
// happens at every step of a run. Not thread-safe.
class Writer final {
  public:
    explicit Writer(Dialect dialect, bool pretty) : dialect_(dialect), pretty_(pretty) {}

    // Throws Error{Lua} for what JSON cannot say; see json.h.
    [[nodiscard]] std::string text(const Value& value);

  private:
    void put(const Value& value);
    void put_list(const Value::List& list);
    void put_map(const Value::Map& map);
    void put_string(std::string_view text);
    void put_quoted(std::string_view text);
    void put_escaped(char byte);
    void put_number(double number);
    void put_integer(std::int64_t number);
    template <class T>
    void put_tagged(std::string_view tag, const T& put_inside);
    void begin(char bracket);
    void next(bool first);
    void end(char bracket, bool empty);

    Dialect dialect_;
    bool pretty_;
    int level_ = 0;
    std::string out_;
};

// True for a map that the typed dialect would take for one of its own objects.
[[nodiscard]] bool looks_tagged(const Value::Map& map);

}  // namespace drydock::json
