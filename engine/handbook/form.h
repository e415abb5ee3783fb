#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/value.h"

// What may stand at a place, as the tables of keys write it (runbook/keys.h): shapes, words, other
// tables, lists, maps and alternatives of these. Pure.
namespace drydock::handbook {

// A kind of value, for people and for a schema.
struct Shape {
    std::string_view name;    // "duration"
    std::string_view words;   // "a duration: 50ms, 30s, 1h30m, 90d"
    std::string_view schema;  // JSON Schema, draft 7
};

struct Form {
    enum class Kind : std::uint8_t { Shape, Table, Word, List, Map, OneOf };
    Kind kind = Kind::Shape;
    std::string_view name;  // of Shape, Table and Word
    const Shape* shape = nullptr;
    std::vector<Form> inner;  // of List, Map: one; of OneOf: several
};

// Reads a form. What is no shape is the place of a table.
[[nodiscard]] Form read_form(std::string_view text);
// "a list, each a map of the keys of step", "stop, undo or end".
[[nodiscard]] std::string in_words(const Form& form);
// The places of the tables that a form names.
[[nodiscard]] std::vector<std::string_view> tables_in(const Form& form);

}  // namespace drydock::handbook
