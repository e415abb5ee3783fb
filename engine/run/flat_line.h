#pragma once

#include <cstdint>
#include <string_view>

namespace drydock::run {

// Reads a line of ours, a flat JSON object without blanks, field by field and without copying: what
// a verifier does a million times. Strict: whatever encode() would not have written throws
// Error{Integrity} (but the order and the names of the fields are the caller's business).
class FlatLine final {
  public:
    enum class Type : std::uint8_t { Text, Number, Flag, List };
    struct Field {
        std::string_view name;
        Type type = Type::Text;
        std::string_view text;    // of Text: between the quotes, escapes as they stand
        std::int64_t number = 0;  // of Number
    };

    explicit FlatLine(std::string_view line);
    // False at the end of the line.
    bool next(Field& field);

  private:
    void take(char expected);
    std::string_view take_text();
    std::int64_t take_number();
    void take_list();

    std::string_view rest_;
    bool first_ = true;
};

// What the chain needs of an event's line; the views last as long as the line.
struct LineHead {
    std::string_view run, prev, kind, body;
    std::int64_t seq = 0, time = 0, term = 0;
};
// Throws Error{Integrity} for what is no line of an event, or of a version or kind that this
// program does not know. The fields of the kind are not looked at.
[[nodiscard]] LineHead read_head(std::string_view line);

}  // namespace drydock::run
