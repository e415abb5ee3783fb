#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/runbook/diagnostic.h"
#include "engine/runbook/report.h"

namespace drydock::runbook {

enum class ScalarStyle : std::uint8_t { Plain, Quoted, Literal, Folded };

// A YAML text as it was written: nothing is interpreted, every part knows its place. A null is a
// plain scalar "null".
struct SourceNode {
    enum class Kind : std::uint8_t { Scalar, List, Map };
    struct Member;

    Kind kind = Kind::Scalar;
    std::string text;  // of a scalar
    ScalarStyle style = ScalarStyle::Plain;
    std::vector<SourceNode> items;
    std::vector<Member> members;  // in the order written; keys unique
    Place place;                  // the first character, quotes and `|` included
    Place text_place;             // of a scalar: the first character of its text

    [[nodiscard]] bool is_scalar() const noexcept { return kind == Kind::Scalar; }
    [[nodiscard]] bool is_list() const noexcept { return kind == Kind::List; }
    [[nodiscard]] bool is_map() const noexcept { return kind == Kind::Map; }
    [[nodiscard]] bool is_null() const noexcept {
        return is_scalar() && style == ScalarStyle::Plain && text == "null";
    }
    // The value of `key` in a map, or null.
    [[nodiscard]] const SourceNode* find(std::string_view key) const noexcept;
    // Where the byte `offset` of a scalar's text stands. Exact for literal blocks and for texts on
    // one line; the scalar's own place where the line breaks were folded away.
    [[nodiscard]] Place place_of(std::size_t offset) const;
};
struct SourceNode::Member {
    std::string key;
    Place key_place;
    SourceNode value;
};

struct SourceLimits {
    std::size_t bytes = 1 << 20;
    std::size_t nodes = 100'000;
    std::size_t depth = 64;
};

// Reads one YAML document (JSON is one) into a tree. Refuses what makes YAML dangerous or
// ambiguous: aliases, anchors, tags, duplicate keys, further documents, NUL bytes, broken UTF-8,
// tabs as indentation. Whatever is wrong goes to `report`; nullopt when there is no tree to go on
// with. Time is linear in the text, and the first limit that is passed ends it.
[[nodiscard]] std::optional<SourceNode> parse_source(std::string_view text, Report& report,
                                                     const SourceLimits& limits = {});

// "a text", "a list", "a map", "nothing": for messages.
[[nodiscard]] std::string_view shape_of(const SourceNode& node);

}  // namespace drydock::runbook
