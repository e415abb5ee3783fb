#include "engine/redis/info.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace drydock::redis {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// A number as Redis writes one: a build id of zeros or a run id of digits is none.
Value typed(std::string_view text) {
    std::string_view digits = text;
    if (digits.starts_with('-')) digits.remove_prefix(1);
    const std::size_t point = digits.find('.');
    const std::string_view whole = digits.substr(0, point);
    const bool plain = !whole.empty() && whole.size() <= 18 &&
                       (whole.size() == 1 || whole.front() != '0') &&
                       std::ranges::all_of(whole, is_digit);
    if (!plain) return Value(text);
    const char* end = text.data() + text.size();
    if (point == std::string_view::npos) {
        std::int64_t number = 0;
        return std::from_chars(text.data(), end, number).ptr == end ? Value(number) : Value(text);
    }
    double number = 0;
    const std::string_view rest = digits.substr(point + 1);
    const bool decimal = !rest.empty() && std::ranges::all_of(rest, is_digit);
    return decimal && std::from_chars(text.data(), end, number).ptr == end ? Value(number)
                                                                           : Value(text);
}

// Cuts the text before the first `end` off, with it.
std::string_view cut(std::string_view& text, char end) {
    const std::size_t at = text.find(end);
    const std::string_view first = text.substr(0, at);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
    return first;
}

Value parts_of(std::string_view text) {
    Value::Map parts;
    while (!text.empty()) {
        std::string_view part = cut(text, ',');
        const std::string_view name = cut(part, '=');
        parts.emplace(name, typed(part));
    }
    return parts;
}

// db0:keys=1,expires=0 has parts; a path or a list of modules may hold a = as well.
bool has_parts(std::string_view name, std::string_view value) {
    if (value.find('=') == std::string_view::npos) return false;
    const bool database = name.starts_with("db") && name.size() > 2 && is_digit(name[2]);
    const bool replica = name.starts_with("slave") && name.size() > 5 && is_digit(name[5]);
    return database || replica || name.starts_with("cmdstat_") || name.starts_with("errorstat_") ||
           name.starts_with("latency_percentiles_");
}

}  // namespace

Value::Map parse_info(std::string_view text) {
    Value::Map found;
    while (!text.empty()) {
        std::string_view line = cut(text, '\n');
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty() || line.starts_with('#') || line.find(':') == std::string_view::npos)
            continue;
        const std::string_view name = cut(line, ':');
        found.insert_or_assign(std::string(name),
                               has_parts(name, line) ? parts_of(line) : typed(line));
    }
    return found;
}

bool is_version_at_least(std::string_view found, std::string_view wanted) {
    while (!wanted.empty()) {
        const auto part = [](std::string_view& version) {
            const std::string_view digits = cut(version, '.');
            std::int64_t number = 0;
            std::from_chars(digits.data(), digits.data() + digits.size(), number);
            return number;
        };
        const std::int64_t have = part(found);
        const std::int64_t want = part(wanted);
        if (have != want) return have > want;
    }
    return true;
}

}  // namespace drydock::redis
